/** Raw images: the file is the disk. */
package io.fallow.image.raw;
