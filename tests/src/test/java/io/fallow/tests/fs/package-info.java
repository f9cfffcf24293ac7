/** Filesystems against their reference tools. */
package io.fallow.tests.fs;
