package io.fallow.fs.ext;

import io.fallow.extent.ExtentSet;
import io.fallow.format.FileSystem;

/** An ext2, ext3 or ext4 whose state was found to be clean and whose bitmaps agree. */
record ExtFileSystem(
    String type, String label, String uuid, long size, long blockSize, ExtentSet free)
    implements FileSystem {}
