/** Byte ranges and sets of them: what flows down the discard chain. */
package io.fallow.extent;
