package io.fallow.fs.xfs;

import io.fallow.extent.ExtentSet;
import io.fallow.format.FileSystem;

/** A clean XFS filesystem, as it was read. */
record XfsFileSystem(String label, String uuid, long size, long blockSize, ExtentSet free)
    implements FileSystem {

  /** What users call it. */
  static final String TYPE = "xfs";

  @Override
  public String type() {
    return TYPE;
  }
}
