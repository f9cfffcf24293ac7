package io.fallow.fs.ext;

/** Numbers of the on-disk format: {@code Documentation/filesystems/ext4} in the Linux kernel. */
final class ExtConstants {

  /** Where the superblock lies in the device, whatever the block size. */
  static final int SUPERBLOCK_OFFSET = 0x400;

  /** The size of the superblock in bytes. */
  static final int SUPERBLOCK_SIZE = 0x400;

  /** {@code s_magic}. */
  static final int SUPERBLOCK_MAGIC = 0xEF53;

  /** {@code s_log_block_size} counts doublings of this. */
  static final int LEAST_BLOCK_SIZE = 1024;

  /** The greatest {@code s_log_block_size}: blocks of 64 KiB. */
  static final int GREATEST_LOG_BLOCK_SIZE = 6;

  /** The greatest {@code s_log_cluster_size}: clusters of 512 MiB. */
  static final int GREATEST_LOG_CLUSTER_SIZE = 19;

  /** {@code s_state}: cleanly unmounted. */
  static final int STATE_VALID = 0x1;

  /** {@code s_state}: the kernel found errors. */
  static final int STATE_ERROR = 0x2;

  /** {@code s_flags}: a snapshot image, or one whose snapshot data need repair. */
  static final int FLAGS_SNAPSHOT = 0x70;

  /** {@code s_checksum_type} of CRC-32C, the only one that exists. */
  static final int CHECKSUM_TYPE_CRC32C = 1;

  /** The size of a group descriptor without INCOMPAT_64BIT. */
  static final int SMALL_DESCRIPTOR = 32;

  /** The least size of a group descriptor with INCOMPAT_64BIT. */
  static final int LARGE_DESCRIPTOR = 64;

  /** The greatest {@code s_desc_size}. */
  static final int GREATEST_DESCRIPTOR = 1024;

  /** {@code bg_flags}: the inode table and bitmap are not initialised. */
  static final int GROUP_INODE_UNINIT = 0x1;

  /** {@code bg_flags}: the block bitmap is not initialised. */
  static final int GROUP_BLOCK_UNINIT = 0x2;

  /** The size of an inode in revision 0, and of the part that all inodes have. */
  static final int OLD_INODE_SIZE = 128;

  /** The first inode that is not reserved, in revision 0. */
  static final int OLD_FIRST_INODE = 11;

  /** The inode of the root directory. */
  static final int ROOT_INODE = 2;

  /** {@code mmp_magic}. */
  static final long MMP_MAGIC = 0x004D4D50L;

  /** {@code mmp_seq} of a filesystem that no host uses. */
  static final long MMP_CLEAN = 0xFF4D4D50L;

  /** {@code mmp_seq} while a checker works. */
  static final long MMP_CHECKING = 0xE24D4D50L;

  private ExtConstants() {}
}
