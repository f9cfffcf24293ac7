/** The command as users run it: a process with arguments, an exit code and signals. */
package io.fallow.tests.process;
