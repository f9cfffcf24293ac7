/** Linux swap areas, by {@code include/linux/swap.h} of the kernel. */
package io.fallow.fs.swap;
