/** Finds out what a disk holds, layer by layer. */
package io.fallow.stack;
