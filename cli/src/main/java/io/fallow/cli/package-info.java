/** The commands, their options and exit codes: the only code that prints or exits. */
package io.fallow.cli;
