package io.fallow.fs.ext;

import static io.fallow.fs.ext.ExtConstants.GREATEST_DESCRIPTOR;
import static io.fallow.fs.ext.ExtConstants.GREATEST_LOG_BLOCK_SIZE;
import static io.fallow.fs.ext.ExtConstants.GREATEST_LOG_CLUSTER_SIZE;
import static io.fallow.fs.ext.ExtConstants.LARGE_DESCRIPTOR;
import static io.fallow.fs.ext.ExtConstants.LEAST_BLOCK_SIZE;
import static io.fallow.fs.ext.ExtConstants.OLD_FIRST_INODE;
import static io.fallow.fs.ext.ExtConstants.OLD_INODE_SIZE;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.extent.Extent;
import java.util.List;

/**
 * How the superblock divides the device: blocks into clusters and groups, groups into their parts.
 * Every number here is checked, so that arithmetic on them cannot overflow.
 */
final class Geometry {

  /**
   * The most groups that are read: 128 TiB in groups of 128 MiB. Bounds the memory that a hostile
   * superblock can ask for.
   */
  static final int MOST_GROUPS = 1 << 20;

  private final Superblock superblock;
  private final int blockSize;
  private final int blocksPerCluster;
  private final int groups;
  private final int inodeTableBlocks;
  private final int descriptorsPerBlock;
  private final int descriptorBlocks;

  private Geometry(Superblock superblock, int groups) {
    this.superblock = superblock;
    this.groups = groups;
    blockSize = LEAST_BLOCK_SIZE << superblock.logBlockSize();
    blocksPerCluster = 1 << (superblock.logClusterSize() - superblock.logBlockSize());
    inodeTableBlocks =
        (int) Math.ceilDiv(superblock.inodesPerGroup() * superblock.inodeSize(), blockSize);
    descriptorsPerBlock = blockSize / superblock.descriptorSize();
    descriptorBlocks = Math.ceilDiv(groups, descriptorsPerBlock);
  }

  /**
   * Checks the superblock's numbers.
   *
   * @param block the superblock's bytes, for messages
   * @param deviceSize in bytes
   * @throws CorruptFormatException if one breaks the format's bounds, or lies beyond the device
   * @throws UnsupportedFeatureException if there are more than {@link #MOST_GROUPS} groups
   */
  static Geometry of(Superblock superblock, Bytes block, long deviceSize)
      throws CorruptFormatException, UnsupportedFeatureException {
    checkBlocks(superblock, block, deviceSize);
    checkGroups(superblock, block);
    checkInodes(superblock, block);
    checkDescriptors(superblock, block);
    long covered = superblock.blocksCount() - superblock.firstDataBlock();
    long groups = Math.ceilDiv(covered, superblock.blocksPerGroup());
    block.check(
        Math.multiplyHigh(groups, superblock.inodesPerGroup()) == 0
            && groups * superblock.inodesPerGroup() == superblock.inodesCount(),
        Superblock.At.INODES_COUNT,
        "s_inodes_count is %d, expected %d groups times s_inodes_per_group %d",
        superblock.inodesCount(),
        groups,
        superblock.inodesPerGroup());
    if (groups > MOST_GROUPS) {
      throw new UnsupportedFeatureException(
          block.source(), List.of("%d block groups (at most %d)".formatted(groups, MOST_GROUPS)));
    }
    Geometry geometry = new Geometry(superblock, (int) groups);
    geometry.checkFit(block);
    return geometry;
  }

  private static void checkBlocks(Superblock superblock, Bytes block, long deviceSize)
      throws CorruptFormatException {
    block.check(
        superblock.logBlockSize() <= GREATEST_LOG_BLOCK_SIZE,
        Superblock.At.LOG_BLOCK_SIZE,
        "s_log_block_size is %d, expected at most %d",
        superblock.logBlockSize(),
        GREATEST_LOG_BLOCK_SIZE);
    boolean clusters = superblock.has(Feature.BIGALLOC);
    // Without clusters the field was once the size of a fragment, and always that of a block.
    block.check(
        clusters
            ? superblock.logClusterSize() >= superblock.logBlockSize()
                && superblock.logClusterSize() <= GREATEST_LOG_CLUSTER_SIZE
            : superblock.logClusterSize() == superblock.logBlockSize(),
        Superblock.At.LOG_CLUSTER_SIZE,
        "s_log_cluster_size is %d, impossible with s_log_block_size %d%s",
        superblock.logClusterSize(),
        superblock.logBlockSize(),
        clusters ? "" : " and no BIGALLOC");
    int first =
        superblock.logBlockSize() == 0 && superblock.logClusterSize() == superblock.logBlockSize()
            ? 1
            : 0;
    block.check(
        superblock.firstDataBlock() == first,
        Superblock.At.FIRST_DATA_BLOCK,
        "s_first_data_block is %d, expected %d",
        superblock.firstDataBlock(),
        first);
    long most = deviceSize / (LEAST_BLOCK_SIZE << superblock.logBlockSize());
    block.check(
        superblock.blocksCount() > first && superblock.blocksCount() <= most,
        Superblock.At.BLOCKS_COUNT,
        "s_blocks_count is %d, expected %d to %d, the blocks that the device holds",
        superblock.blocksCount(),
        first + 1,
        most);
    block.check(
        superblock.freeBlocksCount() <= superblock.blocksCount(),
        Superblock.At.FREE_BLOCKS_COUNT,
        "s_free_blocks_count is %d, more than s_blocks_count %d",
        superblock.freeBlocksCount(),
        superblock.blocksCount());
  }

  private static void checkGroups(Superblock superblock, Bytes block)
      throws CorruptFormatException {
    long clusters = superblock.clustersPerGroup();
    long most = (8L * LEAST_BLOCK_SIZE) << superblock.logBlockSize();
    block.check(
        clusters >= 8 && clusters <= most && clusters % 8 == 0,
        Superblock.At.CLUSTERS_PER_GROUP,
        "s_clusters_per_group is %d, expected a multiple of 8 up to %d, the bits of a block",
        clusters,
        most);
    long expected = clusters << (superblock.logClusterSize() - superblock.logBlockSize());
    block.check(
        superblock.blocksPerGroup() == expected,
        Superblock.At.BLOCKS_PER_GROUP,
        "s_blocks_per_group is %d, expected %d by s_clusters_per_group",
        superblock.blocksPerGroup(),
        expected);
  }

  private static void checkInodes(Superblock superblock, Bytes block)
      throws CorruptFormatException {
    int blockSize = LEAST_BLOCK_SIZE << superblock.logBlockSize();
    int size = superblock.inodeSize();
    block.check(
        size >= OLD_INODE_SIZE && size <= blockSize && Integer.bitCount(size) == 1,
        Superblock.At.INODE_SIZE,
        "s_inode_size is %d, expected a power of two from 128 to the block size %d",
        size,
        blockSize);
    long most = 8L * blockSize;
    long inodes = superblock.inodesPerGroup();
    block.check(
        inodes >= blockSize / size && inodes <= most && inodes % 8 == 0,
        Superblock.At.INODES_PER_GROUP,
        "s_inodes_per_group is %d, expected a multiple of 8 from %d to %d",
        inodes,
        blockSize / size,
        most);
    block.check(
        superblock.firstInode() >= OLD_FIRST_INODE
            && superblock.firstInode() <= superblock.inodesCount(),
        Superblock.At.FIRST_INO,
        "s_first_ino is %d, expected 11 to s_inodes_count %d",
        superblock.firstInode(),
        superblock.inodesCount());
    block.check(
        superblock.freeInodesCount() <= superblock.inodesCount(),
        Superblock.At.FREE_INODES_COUNT,
        "s_free_inodes_count is %d, more than s_inodes_count %d",
        superblock.freeInodesCount(),
        superblock.inodesCount());
  }

  private static void checkDescriptors(Superblock superblock, Bytes block)
      throws CorruptFormatException {
    int size = superblock.descriptorSize();
    // Without 64BIT the size is fixed and the field is not read.
    block.check(
        !superblock.has(Feature.BIT64)
            || (size >= LARGE_DESCRIPTOR
                && size <= GREATEST_DESCRIPTOR
                && Integer.bitCount(size) == 1),
        Superblock.At.DESC_SIZE,
        "s_desc_size is %d, expected a power of two from 64 to 1024",
        size);
    int reserved = superblock.reservedDescriptorBlocks();
    int most = (LEAST_BLOCK_SIZE << superblock.logBlockSize()) / 4;
    block.check(
        reserved == 0 || (superblock.has(Feature.RESIZE_INODE) && reserved <= most),
        Superblock.At.RESERVED_GDT_BLOCKS,
        "s_reserved_gdt_blocks is %d, expected 0 without RESIZE_INODE, else at most %d",
        reserved,
        most);
    block.check(
        !superblock.has(Feature.META_BG) || !superblock.has(Feature.RESIZE_INODE),
        Superblock.At.FEATURE_COMPAT,
        "META_BG and RESIZE_INODE are both set; run e2fsck");
    block.check(
        !superblock.has(Feature.METADATA_CSUM) || !superblock.has(Feature.GDT_CSUM),
        Superblock.At.FEATURE_RO_COMPAT,
        "METADATA_CSUM and GDT_CSUM are both set; run e2fsck");
    block.check(
        !superblock.has(Feature.CSUM_SEED) || superblock.has(Feature.METADATA_CSUM),
        Superblock.At.FEATURE_INCOMPAT,
        "CSUM_SEED is set without METADATA_CSUM; run e2fsck");
  }

  /** Checks that the last group holds its own copies of superblock and descriptors. */
  private void checkFit(Bytes block) throws CorruptFormatException {
    block.check(
        !superblock.has(Feature.META_BG) || superblock.firstMetaGroup() <= descriptorBlocks,
        Superblock.At.FIRST_META_BG,
        "s_first_meta_bg is %d, expected at most %d descriptor blocks",
        superblock.firstMetaGroup(),
        descriptorBlocks);
    for (int group : new int[] {0, groups - 1}) {
      Extent base = baseBlocks(group);
      block.check(
          base.end() <= firstBlock(group) + blocksIn(group),
          Superblock.At.BLOCKS_COUNT,
          "group %d of %d blocks is too small for its %d blocks of superblock and descriptors",
          group,
          blocksIn(group),
          base.length());
    }
  }

  /** The size of a block in bytes. */
  int blockSize() {
    return blockSize;
  }

  /** The number of blocks that one bit of a block bitmap stands for. */
  int blocksPerCluster() {
    return blocksPerCluster;
  }

  /** The number of blocks in the filesystem, with those before group 0. */
  long blocks() {
    return superblock.blocksCount();
  }

  /** The number of block groups. */
  int groups() {
    return groups;
  }

  /** The number of blocks of one group's inode table. */
  int inodeTableBlocks() {
    return inodeTableBlocks;
  }

  /** The number of group descriptors in a block. */
  int descriptorsPerBlock() {
    return descriptorsPerBlock;
  }

  /** The number of blocks of one copy of all group descriptors. */
  int descriptorBlocks() {
    return descriptorBlocks;
  }

  /** The first block of a group. */
  long firstBlock(int group) {
    return superblock.firstDataBlock() + group * superblock.blocksPerGroup();
  }

  /** The number of blocks in a group; the last one may be shorter than the others. */
  long blocksIn(int group) {
    return Math.min(superblock.blocksPerGroup(), blocks() - firstBlock(group));
  }

  /** The number of clusters in a group, and so of meaningful bits in its block bitmap. */
  int clustersIn(int group) {
    return (int) Math.ceilDiv(blocksIn(group), blocksPerCluster);
  }

  /** The block that holds part {@code index} of the primary copy of the group descriptors. */
  long descriptorBlock(int index) {
    if (!superblock.has(Feature.META_BG) || index < superblock.firstMetaGroup()) {
      return superblock.firstDataBlock() + superBlocks(0) + index;
    }
    int group = index * descriptorsPerBlock;
    return firstBlock(group) + superBlocks(group);
  }

  /**
   * The blocks at a group's start that hold copies of the superblock and the group descriptors, and
   * those reserved for more descriptors; may be empty.
   */
  Extent baseBlocks(int group) {
    long first = firstBlock(group);
    int supers = superBlocks(group);
    long descriptors = 0;
    if (!superblock.has(Feature.META_BG)) {
      descriptors = supers > 0 ? descriptorBlocks + superblock.reservedDescriptorBlocks() : 0;
    } else if (group / descriptorsPerBlock < superblock.firstMetaGroup()) {
      descriptors = supers > 0 ? superblock.firstMetaGroup() : 0;
    } else {
      // The first, second and last group of a meta group hold the one block that describes it.
      int within = group % descriptorsPerBlock;
      descriptors = within <= 1 || within == descriptorsPerBlock - 1 ? 1 : 0;
    }
    return Extent.ofLength(first, supers + descriptors);
  }

  /** The blocks at a group's start up to its descriptors: 1 where there is a superblock. */
  private int superBlocks(int group) {
    // Clusters of 1 KiB blocks start at block 0, and group 0's superblock still lies in block 1.
    boolean afterBootBlock = group == 0 && blockSize == 1024 && superblock.firstDataBlock() == 0;
    return (hasSuperblock(group) ? 1 : 0) + (afterBootBlock ? 1 : 0);
  }

  /** Whether a group starts with a copy of the superblock. */
  private boolean hasSuperblock(int group) {
    if (group == 0) {
      return true;
    }
    if (superblock.has(Feature.SPARSE_SUPER2)) {
      return superblock.backupGroups().contains((long) group);
    }
    if (group == 1 || !superblock.has(Feature.SPARSE_SUPER)) {
      return true;
    }
    return isPower(group, 3) || isPower(group, 5) || isPower(group, 7);
  }

  private static boolean isPower(int number, int base) {
    long power = base;
    while (power < number) {
      power *= base;
    }
    return power == number;
  }
}
