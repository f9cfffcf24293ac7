/**
 * ext2, ext3 and ext4: which blocks their bitmaps call free, and whether those can be believed.
 *
 * <p>Structures are named as in the Linux kernel's {@code Documentation/filesystems/ext4}.
 */
package io.fallow.fs.ext;
