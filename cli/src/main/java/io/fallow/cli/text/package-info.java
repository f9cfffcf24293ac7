/** How reports look in a terminal. */
package io.fallow.cli.text;
