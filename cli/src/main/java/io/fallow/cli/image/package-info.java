/** Which format a file has, and how it may be opened. */
package io.fallow.cli.image;
