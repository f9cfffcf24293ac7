package io.fallow.fs.ext;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which clusters the files claim. No claim may reach outside the filesystem, into metadata, into
 * what is called free, or into another claim; only blocks of extended attributes are shared, as
 * often as they say themselves.
 */
final class BlockClaims {

  private static final int MOST_BYTES = 64 << 20;
  private static final int MOST_SHARED = 1 << 20;

  private final Volume volume;
  private final ExtentSet metadata;
  private final ExtentSet free;
  private final SparseBits claimed;
  private final int blocksPerCluster;

  /** Blocks of attributes to which more inodes must point: how many more. */
  private final Map<Long, Long> shared = new HashMap<>();

  /**
   * No claims yet.
   *
   * @param metadata the blocks of {@link MetadataMap}
   * @param free the free bytes
   */
  BlockClaims(Volume volume, ExtentSet metadata, ExtentSet free)
      throws UnsupportedFeatureException {
    this.volume = volume;
    this.blocksPerCluster = volume.geometry().blocksPerCluster();
    this.metadata = metadata.alignOutward(blocksPerCluster);
    this.free = free;
    long clusters = volume.geometry().blocks() / blocksPerCluster + 1;
    this.claimed = new SparseBits(volume.device().name(), "scattered blocks", clusters, MOST_BYTES);
  }

  /**
   * Claims neighbouring blocks.
   *
   * @param previous the block of the same file before these, or 0: a cluster that holds both is
   *     claimed once
   * @return the number of clusters that were not the file's before
   */
  long claim(long inode, long start, long length, long previous)
      throws CorruptFormatException, UnsupportedFeatureException {
    checkPlace(inode, start, length);
    volume.check(
        !metadata.overlaps(new Extent(start, start + length)),
        inode,
        "claims block %d or one of the %d behind it, which holds the filesystem's own metadata",
        start,
        length - 1);
    long blockSize = volume.blockSize();
    volume.check(
        !free.overlaps(new Extent(start * blockSize, (start + length) * blockSize)),
        inode,
        "claims block %d or one of the %d behind it, which the block bitmap calls free",
        start,
        length - 1);
    long first = start / blocksPerCluster;
    long end = (start + length - 1) / blocksPerCluster + 1;
    if (blocksPerCluster > 1 && previous != 0 && previous / blocksPerCluster == first) {
      first++;
    }
    if (first < end) {
      long twice = claimed.add(first, end);
      volume.check(
          twice == end, inode, "claims block %d, and so does another", twice * blocksPerCluster);
    }
    return end - first;
  }

  /** Demands that blocks lie within the filesystem. */
  void checkPlace(long inode, long start, long length) throws CorruptFormatException {
    volume.check(
        start > 0
            && start >= volume.superblock().firstDataBlock()
            && start <= volume.geometry().blocks() - length,
        inode,
        "claims %d blocks from %d on, but the filesystem has %d",
        length,
        start,
        volume.geometry().blocks());
  }

  /** Whether a block holds the filesystem's own metadata. */
  boolean isMetadata(long block) {
    return metadata.contains(block);
  }

  /** Whether this is one more of the inodes for which {@link #share} waits. */
  boolean isShared(long block) {
    Long left = shared.get(block);
    if (left == null) {
      return false;
    }
    if (left == 1) {
      shared.remove(block);
    } else {
      shared.put(block, left - 1);
    }
    return true;
  }

  /** Expects {@code more} other inodes to use a block of attributes too. */
  void share(long block, long more) throws UnsupportedFeatureException {
    if (more > 0) {
      if (shared.size() == MOST_SHARED) {
        throw new UnsupportedFeatureException(
            volume.device().name(), List.of("a cross-check of so many shared attribute blocks"));
      }
      shared.put(block, more);
    }
  }

  /** Demands that every block of attributes was used as often as it says. */
  void checkShared() throws CorruptFormatException {
    for (Map.Entry<Long, Long> left : shared.entrySet()) {
      throw new CorruptFormatException(
          volume.device().name(),
          left.getKey() * volume.blockSize(),
          "extended attributes: h_refcount counts %d more inodes than use it; run e2fsck -f"
              .formatted(left.getValue()));
    }
  }
}
