package io.fallow.fs.ext;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.util.Arrays;

/**
 * Compares what the files of a filesystem claim with its bitmaps, as {@code e2fsck -fn} does: first
 * every inode and its blocks, then every directory and the links between them. The first
 * disagreement ends it.
 */
final class CrossCheck {

  private static final int MOST_EA_BYTES = 8 << 20;

  private final Volume volume;
  private final InodeTable inodes;
  private final InodeCheck rules;
  private final BlockClaims claims;
  private final LinkCounts links;
  private final SparseBits valueInodes;
  private final SparseBits referenced;

  /** The numbers of all directories, ascending. */
  private int[] directories = new int[16];

  private int directoryCount;

  private CrossCheck(Volume volume, ExtentSet metadata, ExtentSet free)
      throws UnsupportedFeatureException {
    this.volume = volume;
    this.inodes = new InodeTable(volume);
    this.rules = new InodeCheck(volume);
    this.claims = new BlockClaims(volume, metadata, free);
    this.links = new LinkCounts(volume);
    String name = volume.device().name();
    long count = volume.superblock().inodesCount() + 1;
    this.valueInodes = new SparseBits(name, "attribute inodes", count, MOST_EA_BYTES);
    this.referenced = new SparseBits(name, "attribute inodes", count, MOST_EA_BYTES);
  }

  /**
   * Walks through all inodes and directories.
   *
   * @param metadata the blocks of {@link MetadataMap}
   * @param free the free bytes
   * @throws io.fallow.bytes.CorruptFormatException if something disagrees
   * @throws io.fallow.bytes.UnsupportedFeatureException if that would take too much memory
   */
  static void run(Volume volume, ExtentSet metadata, ExtentSet free) throws IOException {
    CrossCheck check = new CrossCheck(volume, metadata, free);
    check.inodes.forEach(check::inode);
    check.claims.checkShared();
    check.checkValueInodes();
    int[] found = Arrays.copyOf(check.directories, check.directoryCount);
    new DirectoryTree(volume, check.inodes, check.links, found).check();
    check.links.checkAll();
  }

  private void inode(Inode inode, boolean used) throws IOException {
    if (!used) {
      volume.check(
          inode.links() == 0,
          inode.number(),
          "i_links_count is %d, but the inode bitmap calls it free",
          inode.links());
      return;
    }
    rules.check(inode);
    new ContentCheck(volume, inode, rules, claims, referenced).check();
    if (rules.isHidden(inode)) {
      return;
    }
    if (inode.has(Inode.Flag.EA_INODE)) {
      valueInodes.add(inode.number(), inode.number() + 1);
      return;
    }
    links.expect(inode);
    if (inode.isDirectory()) {
      if (directoryCount == directories.length) {
        directories = Arrays.copyOf(directories, directoryCount * 2);
      }
      directories[directoryCount++] = (int) inode.number();
    }
  }

  private void checkValueInodes() throws CorruptFormatException {
    long number = valueInodes.firstDifference(referenced);
    if (number >= 0) {
      throw volume.corrupt(
          number,
          valueInodes.contains(number)
              ? "holds the value of an extended attribute, but none has it"
              : "is named as the value of an extended attribute, but holds none");
    }
  }
}
