package io.fallow.fs.ext;

import static io.fallow.fs.ext.ExtConstants.CHECKSUM_TYPE_CRC32C;
import static io.fallow.fs.ext.ExtConstants.OLD_FIRST_INODE;
import static io.fallow.fs.ext.ExtConstants.OLD_INODE_SIZE;
import static io.fallow.fs.ext.ExtConstants.SMALL_DESCRIPTOR;
import static io.fallow.fs.ext.ExtConstants.SUPERBLOCK_MAGIC;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.Crc32c;
import io.fallow.bytes.UnsupportedFeatureException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * {@code struct ext4_super_block}, 1024 bytes at 0x400: the fields that decide what is free, each
 * as found; {@link Geometry} checks their bounds.
 *
 * @param inodesCount {@code s_inodes_count}
 * @param blocksCount {@code s_blocks_count}, with its high half under INCOMPAT_64BIT
 * @param freeBlocksCount {@code s_free_blocks_count}, in blocks even with clusters
 * @param freeInodesCount {@code s_free_inodes_count}
 * @param firstDataBlock {@code s_first_data_block}, the block in which group 0 starts
 * @param logBlockSize {@code s_log_block_size}: blocks of 1024 << this bytes
 * @param logClusterSize {@code s_log_cluster_size}: clusters of 1024 << this bytes
 * @param blocksPerGroup {@code s_blocks_per_group}
 * @param clustersPerGroup {@code s_clusters_per_group}
 * @param inodesPerGroup {@code s_inodes_per_group}
 * @param state {@code s_state}
 * @param firstInode {@code s_first_ino}, the first that is not reserved
 * @param inodeSize {@code s_inode_size} in bytes
 * @param features the flags of the three feature words
 * @param uuid {@code s_uuid}
 * @param label {@code s_volume_name}
 * @param reservedDescriptorBlocks {@code s_reserved_gdt_blocks}
 * @param journalInode {@code s_journal_inum}; 0 if there is none or it is on another device
 * @param lastOrphan {@code s_last_orphan}, the first inode of the list of those to delete
 * @param descriptorSize the size of a group descriptor in bytes
 * @param firstMetaGroup {@code s_first_meta_bg}
 * @param flags {@code s_flags}
 * @param mmpBlock {@code s_mmp_block}
 * @param backupGroups {@code s_backup_bgs}, for COMPAT_SPARSE_SUPER2
 * @param creatorOs {@code s_creator_os}
 * @param preallocatedDirectoryBlocks {@code s_prealloc_dir_blocks}
 * @param quotaInodes {@code s_usr_quota_inum}, {@code s_grp_quota_inum}, {@code s_prj_quota_inum}
 * @param orphanFileInode {@code s_orphan_file_inum}
 * @param checksumSeed the start of every CRC-32C but the superblock's own
 */
record Superblock(
    long inodesCount,
    long blocksCount,
    long freeBlocksCount,
    long freeInodesCount,
    long firstDataBlock,
    long logBlockSize,
    long logClusterSize,
    long blocksPerGroup,
    long clustersPerGroup,
    long inodesPerGroup,
    int state,
    long firstInode,
    int inodeSize,
    Set<Feature> features,
    UUID uuid,
    String label,
    int reservedDescriptorBlocks,
    long journalInode,
    long lastOrphan,
    int descriptorSize,
    long firstMetaGroup,
    int flags,
    long mmpBlock,
    List<Long> backupGroups,
    long creatorOs,
    int preallocatedDirectoryBlocks,
    List<Long> quotaInodes,
    long orphanFileInode,
    int checksumSeed) {

  /** Where the fields lie that others than this class name in messages. */
  static final class At {
    static final int INODES_COUNT = 0x0;
    static final int BLOCKS_COUNT = 0x4;
    static final int FREE_BLOCKS_COUNT = 0xC;
    static final int FREE_INODES_COUNT = 0x10;
    static final int FIRST_DATA_BLOCK = 0x14;
    static final int LOG_BLOCK_SIZE = 0x18;
    static final int LOG_CLUSTER_SIZE = 0x1C;
    static final int BLOCKS_PER_GROUP = 0x20;
    static final int CLUSTERS_PER_GROUP = 0x24;
    static final int INODES_PER_GROUP = 0x28;
    static final int MAGIC = 0x38;
    static final int STATE = 0x3A;
    static final int REV_LEVEL = 0x4C;
    static final int FIRST_INO = 0x54;
    static final int INODE_SIZE = 0x58;
    static final int FEATURE_COMPAT = 0x5C;
    static final int FEATURE_INCOMPAT = 0x60;
    static final int FEATURE_RO_COMPAT = 0x64;
    static final int RESERVED_GDT_BLOCKS = 0xCE;
    static final int JOURNAL_INUM = 0xE0;
    static final int LAST_ORPHAN = 0xE8;
    static final int DESC_SIZE = 0xFE;
    static final int FIRST_META_BG = 0x104;
    static final int FLAGS = 0x160;
    static final int MMP_BLOCK = 0x168;
    static final int CHECKSUM = 0x3FC;

    private At() {}
  }

  /**
   * Reads the superblock.
   *
   * @throws CorruptFormatException if magic, revision or checksum are wrong
   * @throws UnsupportedFeatureException if a feature is unknown or not handled
   */
  static Superblock read(Bytes block) throws CorruptFormatException, UnsupportedFeatureException {
    int compat = block.bits32(At.FEATURE_COMPAT);
    int incompat = block.bits32(At.FEATURE_INCOMPAT);
    int roCompat = block.bits32(At.FEATURE_RO_COMPAT);
    EnumSet<Feature> features = Feature.of(compat, incompat, roCompat);
    long revision = block.u32(At.REV_LEVEL);
    checkIdentity(block, features, revision);
    List<String> notHandled = Feature.notHandled(compat, incompat, roCompat);
    if (!notHandled.isEmpty()) {
      throw new UnsupportedFeatureException(block.source(), notHandled);
    }
    boolean is64Bit = features.contains(Feature.BIT64);
    boolean old = revision == 0;
    return new Superblock(
        block.u32(At.INODES_COUNT),
        wide(block, At.BLOCKS_COUNT, 0x150, is64Bit),
        wide(block, At.FREE_BLOCKS_COUNT, 0x158, is64Bit),
        block.u32(At.FREE_INODES_COUNT),
        block.u32(At.FIRST_DATA_BLOCK),
        block.u32(At.LOG_BLOCK_SIZE),
        block.u32(At.LOG_CLUSTER_SIZE),
        block.u32(At.BLOCKS_PER_GROUP),
        block.u32(At.CLUSTERS_PER_GROUP),
        block.u32(At.INODES_PER_GROUP),
        block.u16(At.STATE),
        old ? OLD_FIRST_INODE : block.u32(At.FIRST_INO),
        old ? OLD_INODE_SIZE : block.u16(At.INODE_SIZE),
        features,
        block.uuid(0x68),
        block.text(0x78, 16),
        block.u16(At.RESERVED_GDT_BLOCKS),
        features.contains(Feature.HAS_JOURNAL) ? block.u32(At.JOURNAL_INUM) : 0,
        block.u32(At.LAST_ORPHAN),
        is64Bit ? block.u16(At.DESC_SIZE) : SMALL_DESCRIPTOR,
        block.u32(At.FIRST_META_BG),
        block.bits32(At.FLAGS),
        block.bits64(At.MMP_BLOCK),
        List.of(block.u32(0x24C), block.u32(0x250)),
        block.u32(0x48),
        block.u8(0xCD),
        List.of(block.u32(0x240), block.u32(0x244), block.u32(0x26C)),
        block.u32(0x280),
        features.contains(Feature.CSUM_SEED)
            ? block.bits32(0x270)
            : Crc32c.of(Crc32c.START, block.slice(0x68, 16).memory()));
  }

  /** Whether the feature's flag is set. */
  boolean has(Feature feature) {
    return features.contains(feature);
  }

  /** Whether group descriptors carry a checksum, and with it believable UNINIT flags. */
  boolean hasDescriptorChecksums() {
    return has(Feature.GDT_CSUM) || has(Feature.METADATA_CSUM);
  }

  private static void checkIdentity(Bytes block, Set<Feature> features, long revision)
      throws CorruptFormatException {
    int magic = block.u16(At.MAGIC);
    block.check(
        magic == SUPERBLOCK_MAGIC,
        At.MAGIC,
        "s_magic is 0x%04x, expected 0x%04x",
        magic,
        SUPERBLOCK_MAGIC);
    block.check(revision <= 1, At.REV_LEVEL, "s_rev_level is %d, expected 0 or 1", revision);
    block.check(
        revision == 1 || features.isEmpty(),
        At.REV_LEVEL,
        "s_rev_level is 0 although features are set: %s; run e2fsck",
        features);
    if (features.contains(Feature.METADATA_CSUM)) {
      int type = block.u8(0x175);
      block.check(type == CHECKSUM_TYPE_CRC32C, 0x175, "s_checksum_type is %d, expected 1", type);
      int found = block.bits32(At.CHECKSUM);
      int expected = Crc32c.of(Crc32c.START, block.slice(0, At.CHECKSUM).memory());
      block.check(
          found == expected,
          At.CHECKSUM,
          "s_checksum is 0x%08x, expected 0x%08x; run e2fsck",
          found,
          expected);
    }
  }

  private static long wide(Bytes block, int low, int high, boolean is64Bit)
      throws CorruptFormatException {
    long lower = block.u32(low);
    if (!is64Bit) {
      return lower;
    }
    long upper = block.u32(high);
    block.check(upper <= Integer.MAX_VALUE, high, "64-bit count 0x%x%08x is absurd", upper, lower);
    return upper << 32 | lower;
  }
}
