/** The program as processes see it: other programs, signals, the launcher, hostile images. */
package io.fallow.tests.cli;
