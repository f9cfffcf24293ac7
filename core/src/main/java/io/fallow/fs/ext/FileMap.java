package io.fallow.fs.ext;

import java.io.IOException;

/** Where a file's content lies, whichever of the two structures holds that. */
final class FileMap {

  /** Is told of every block that a file uses, in the file's order. */
  interface Visitor {

    /**
     * A block that holds part of the map itself. Told before the block is read.
     *
     * @throws IOException to stop the walk: the block cannot be the file's
     */
    void node(long block) throws IOException;

    /**
     * Neighbouring blocks of content.
     *
     * @param logical the first one's index in the file
     * @param physical the first one's number in the filesystem; not checked
     * @param length at least 1
     * @param written false if they were allocated but read as zero
     */
    void run(long logical, long physical, long length, boolean written) throws IOException;
  }

  private FileMap() {}

  /** Walks through the map of an inode for which {@link Inode#hasMap} is true. */
  static void walk(Volume volume, Inode inode, Visitor visitor) throws IOException {
    if (inode.has(Inode.Flag.EXTENTS)) {
      ExtentTree.walk(volume, inode, visitor);
    } else {
      BlockMap.walk(volume, inode, visitor);
    }
  }
}
