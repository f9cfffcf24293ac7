package io.fallow.fs.ext;

import static io.fallow.fs.ext.ExtConstants.OLD_INODE_SIZE;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.Crc32c;
import io.fallow.device.Device;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/**
 * {@code struct ext4_inode}: what an inode is and where its content starts.
 *
 * @param number the inode's number, from 1 on
 * @param mode {@code i_mode}
 * @param links {@code i_links_count}
 * @param flags {@code i_flags}
 * @param size {@code i_size} in bytes, with its high half; the top bit is not checked
 * @param blocks {@code i_blocks} with its high half: units of 512 bytes, or blocks with HUGE_FILE
 * @param attributeBlock {@code i_file_acl} with its high half: the extended attributes, or 0
 * @param deleted {@code i_dtime}
 * @param block {@code i_block}: 60 bytes of block numbers, or the root of an extent tree
 * @param bytes the whole inode
 */
record Inode(
    long number,
    int mode,
    int links,
    int flags,
    long size,
    long blocks,
    long attributeBlock,
    long deleted,
    Bytes block,
    Bytes bytes) {

  /** Bits of {@code i_flags}. */
  static final class Flag {
    static final int ENCRYPT = 0x800;
    static final int INDEX = 0x1000;
    static final int IMAGIC = 0x2000;
    static final int HUGE_FILE = 0x40000;
    static final int EXTENTS = 0x80000;
    static final int VERITY = 0x100000;
    static final int EA_INODE = 0x200000;
    static final int INLINE_DATA = 0x10000000;
    static final int CASEFOLD = 0x40000000;

    private Flag() {}
  }

  /** The size of {@code i_block} in bytes. */
  static final int BLOCK_SIZE = 60;

  private static final int FORMAT_MASK = 0xF000;
  private static final int FORMAT_DIRECTORY = 0x4000;
  private static final int FORMAT_REGULAR = 0x8000;
  private static final int FORMAT_SYMLINK = 0xA000;

  private static final int AT_CHECKSUM_LO = 0x7C;
  private static final int AT_EXTRA_ISIZE = 0x80;
  private static final int AT_CHECKSUM_HI = 0x82;

  /**
   * Reads an inode.
   *
   * @param number at most {@code s_inodes_count}
   * @throws CorruptFormatException if its checksum is wrong
   */
  static Inode read(
      Device device,
      Superblock superblock,
      Geometry geometry,
      GroupDescriptors descriptors,
      long number)
      throws IOException {
    long index = number - 1;
    int group = (int) (index / superblock.inodesPerGroup());
    long within = index % superblock.inodesPerGroup();
    Bytes bytes =
        device.bytes(
            descriptors.inodeTable(group) * geometry.blockSize() + within * superblock.inodeSize(),
            superblock.inodeSize(),
            ByteOrder.LITTLE_ENDIAN);
    if (superblock.has(Feature.METADATA_CSUM)) {
      verifyChecksum(bytes, superblock, number);
    }
    return decode(bytes, number);
  }

  /** Takes the fields of an inode whose checksum is someone else's business. */
  static Inode decode(Bytes bytes, long number) throws CorruptFormatException {
    return new Inode(
        number,
        bytes.u16(0x0),
        bytes.u16(0x1A),
        bytes.bits32(0x20),
        bytes.u32(0x4) | bytes.u32(0x6C) << 32,
        bytes.u32(0x1C) | (long) bytes.u16(0x74) << 32,
        bytes.u32(0x68) | (long) bytes.u16(0x76) << 32,
        bytes.u32(0x14),
        bytes.slice(0x28, BLOCK_SIZE),
        bytes);
  }

  /** Whether it is a directory in use. */
  boolean isDirectory() {
    return hasFormat(FORMAT_DIRECTORY) && links > 0;
  }

  /** Whether it is a regular file in use. */
  boolean isRegular() {
    return hasFormat(FORMAT_REGULAR) && links > 0;
  }

  /** Whether it is a symbolic link. */
  boolean isSymlink() {
    return hasFormat(FORMAT_SYMLINK);
  }

  /** The upper four bits of the mode: directory, regular file, … */
  int format() {
    return mode >>> 12;
  }

  /** Whether all bits of {@code flag} are set. */
  boolean has(int flag) {
    return (flags & flag) == flag;
  }

  /**
   * Whether a symbolic link's target stands in {@code i_block}: as e2fsck tells it, which copes
   * with all that kernels ever wrote.
   */
  boolean isFastSymlink() throws CorruptFormatException {
    if (!isSymlink()) {
      return false;
    }
    if (attributeBlock == 0) {
      return blocks == 0;
    }
    return size < BLOCK_SIZE && (size <= 4 || block.u32(4) != 0);
  }

  /** Whether {@code i_block} leads to blocks. */
  boolean hasMap() throws CorruptFormatException {
    boolean kind =
        hasFormat(FORMAT_DIRECTORY)
            || hasFormat(FORMAT_REGULAR)
            || (isSymlink() && !isFastSymlink());
    return kind && !has(Flag.INLINE_DATA);
  }

  /** {@code i_extra_isize}: the bytes in use behind the first 128; 0 if there are no more. */
  int extraSize() throws CorruptFormatException {
    return bytes.size() > OLD_INODE_SIZE ? bytes.u16(AT_EXTRA_ISIZE) : 0;
  }

  /** The checksum with which those of all the inode's blocks start: seed, number, generation. */
  Crc32c checksum(Superblock superblock) throws CorruptFormatException {
    return Crc32c.seeded(superblock.checksumSeed()).u32le((int) number).u32le(bytes.bits32(0x64));
  }

  private boolean hasFormat(int wanted) {
    return (mode & FORMAT_MASK) == wanted;
  }

  /**
   * Checks the inode's own checksum.
   *
   * @throws CorruptFormatException if it is wrong
   */
  static void verifyChecksum(Bytes inode, Superblock superblock, long number)
      throws CorruptFormatException {
    MemorySegment copy = MemorySegment.ofArray(inode.array(0, (int) inode.size()));
    int found = inode.u16(AT_CHECKSUM_LO);
    clear(copy, AT_CHECKSUM_LO);
    boolean wide =
        inode.size() > OLD_INODE_SIZE
            && inode.u16(AT_EXTRA_ISIZE) >= AT_CHECKSUM_HI + 2 - OLD_INODE_SIZE;
    if (wide) {
      found |= inode.u16(AT_CHECKSUM_HI) << 16;
      clear(copy, AT_CHECKSUM_HI);
    }
    int expected =
        Crc32c.seeded(superblock.checksumSeed())
            .u32le((int) number)
            .u32le(inode.bits32(0x64))
            .add(copy)
            .value();
    if (!wide) {
      expected &= 0xFFFF;
    }
    inode.check(
        found == expected,
        AT_CHECKSUM_LO,
        "inode %d: i_checksum is 0x%08x, expected 0x%08x; run e2fsck",
        number,
        found,
        expected);
  }

  private static void clear(MemorySegment copy, int at) {
    copy.asSlice(at, 2).fill((byte) 0);
  }
}
