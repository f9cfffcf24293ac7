/**
 * XFS, versions 4 and 5: what is free, read from the free-space btrees of each allocation group
 * once the log is proven clean.
 *
 * <p>Structures and fields are named as in Linux's {@code xfs_format.h} and {@code
 * xfs_log_format.h}. All numbers on disk are big-endian, except checksums.
 */
package io.fallow.fs.xfs;
