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
 * {@code struct ext4_inode}: the fields that tell what an inode is and where its content starts.
 *
 * @param number the inode's number, from 1 on
 * @param mode {@code i_mode}
 * @param links {@code i_links_count}
 * @param flags {@code i_flags}
 * @param block {@code i_block}: 60 bytes of block numbers, or the root of an extent tree
 */
record Inode(long number, int mode, int links, int flags, Bytes block) {

  private static final int FORMAT_MASK = 0xF000;
  private static final int FORMAT_DIRECTORY = 0x4000;
  private static final int FORMAT_REGULAR = 0x8000;

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
    return new Inode(
        number, bytes.u16(0x0), bytes.u16(0x1A), bytes.bits32(0x20), bytes.slice(0x28, 60));
  }

  /** Whether it is a directory in use. */
  boolean isDirectory() {
    return (mode & FORMAT_MASK) == FORMAT_DIRECTORY && links > 0;
  }

  /** Whether it is a regular file in use. */
  boolean isRegular() {
    return (mode & FORMAT_MASK) == FORMAT_REGULAR && links > 0;
  }

  private static void verifyChecksum(Bytes inode, Superblock superblock, long number)
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
