package io.fallow.fs.ext;

import static io.fallow.fs.ext.ExtConstants.GROUP_BLOCK_UNINIT;
import static io.fallow.fs.ext.ExtConstants.GROUP_INODE_UNINIT;
import static io.fallow.fs.ext.ExtConstants.LARGE_DESCRIPTOR;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.Crc32c;
import io.fallow.device.Device;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * All of {@code struct ext4_group_desc}, one per block group, in columns: a large filesystem has
 * hundreds of thousands.
 */
final class GroupDescriptors {

  /** Descriptor blocks are read in batches of at most this many bytes. */
  private static final int BATCH = 1 << 20;

  private static final int AT_FLAGS = 0x12;
  private static final int AT_CHECKSUM = 0x1E;

  private final Superblock superblock;
  private final Geometry geometry;
  private final long[] blockBitmap;
  private final long[] inodeBitmap;
  private final long[] inodeTable;
  private final int[] freeClusters;
  private final int[] freeInodes;
  private final int[] unusedInodes;
  private final byte[] flags;
  private final int[] blockBitmapChecksum;
  private final int[] inodeBitmapChecksum;
  private final int crc16OfUuid;

  private GroupDescriptors(Superblock superblock, Geometry geometry) {
    this.superblock = superblock;
    this.geometry = geometry;
    int groups = geometry.groups();
    blockBitmap = new long[groups];
    inodeBitmap = new long[groups];
    inodeTable = new long[groups];
    freeClusters = new int[groups];
    freeInodes = new int[groups];
    unusedInodes = new int[groups];
    flags = new byte[groups];
    blockBitmapChecksum = new int[groups];
    inodeBitmapChecksum = new int[groups];
    ByteBuffer uuid = ByteBuffer.allocate(16);
    uuid.putLong(superblock.uuid().getMostSignificantBits());
    uuid.putLong(superblock.uuid().getLeastSignificantBits());
    crc16OfUuid = Crc16.of(Crc16.START, MemorySegment.ofArray(uuid.array()));
  }

  /**
   * Reads the primary copy.
   *
   * @throws CorruptFormatException if a checksum is wrong, or a number breaks the format's bounds
   */
  static GroupDescriptors read(Device device, Superblock superblock, Geometry geometry)
      throws IOException {
    GroupDescriptors descriptors = new GroupDescriptors(superblock, geometry);
    int blockSize = geometry.blockSize();
    int most = BATCH / blockSize;
    for (int index = 0; index < geometry.descriptorBlocks(); ) {
      long block = geometry.descriptorBlock(index);
      int run = 1;
      while (run < most
          && index + run < geometry.descriptorBlocks()
          && geometry.descriptorBlock(index + run) == block + run) {
        run++;
      }
      Bytes bytes =
          device.bytes(
              Math.multiplyExact(block, blockSize), run * blockSize, ByteOrder.LITTLE_ENDIAN);
      descriptors.decode(bytes, index * geometry.descriptorsPerBlock());
      index += run;
    }
    return descriptors;
  }

  private void decode(Bytes batch, int firstGroup) throws CorruptFormatException {
    int size = superblock.descriptorSize();
    long present = batch.size() / size;
    int afterLast = (int) Math.min(geometry.groups(), firstGroup + present);
    for (int group = firstGroup; group < afterLast; group++) {
      Bytes descriptor = batch.slice((long) (group - firstGroup) * size, size);
      verifyChecksum(descriptor, group);
      decodeOne(descriptor, group);
    }
  }

  private void decodeOne(Bytes descriptor, int group) throws CorruptFormatException {
    boolean large = superblock.descriptorSize() >= LARGE_DESCRIPTOR;
    blockBitmap[group] = descriptor.u32(0x0) | (large ? descriptor.u32(0x20) << 32 : 0);
    inodeBitmap[group] = descriptor.u32(0x4) | (large ? descriptor.u32(0x24) << 32 : 0);
    inodeTable[group] = descriptor.u32(0x8) | (large ? descriptor.u32(0x28) << 32 : 0);
    freeClusters[group] = descriptor.u16(0xC) | (large ? descriptor.u16(0x2C) << 16 : 0);
    freeInodes[group] = descriptor.u16(0xE) | (large ? descriptor.u16(0x2E) << 16 : 0);
    int directories = descriptor.u16(0x10) | (large ? descriptor.u16(0x30) << 16 : 0);
    int bits = descriptor.u16(AT_FLAGS);
    flags[group] = (byte) bits;
    blockBitmapChecksum[group] = descriptor.u16(0x18) | (large ? descriptor.u16(0x38) << 16 : 0);
    inodeBitmapChecksum[group] = descriptor.u16(0x1A) | (large ? descriptor.u16(0x3A) << 16 : 0);
    unusedInodes[group] = descriptor.u16(0x1C) | (large ? descriptor.u16(0x32) << 16 : 0);
    checkPlace(descriptor, group, 0x0, "bg_block_bitmap", blockBitmap[group], 1);
    checkPlace(descriptor, group, 0x4, "bg_inode_bitmap", inodeBitmap[group], 1);
    checkPlace(
        descriptor, group, 0x8, "bg_inode_table", inodeTable[group], geometry.inodeTableBlocks());
    int clusters = geometry.clustersIn(group);
    checkCount(descriptor, group, 0xC, "bg_free_blocks_count", freeClusters[group], clusters);
    int inodes = (int) superblock.inodesPerGroup();
    checkCount(descriptor, group, 0xE, "bg_free_inodes_count", freeInodes[group], inodes);
    checkCount(descriptor, group, 0x10, "bg_used_dirs_count", directories, inodes);
    if (superblock.hasDescriptorChecksums()) {
      int unused = unusedInodes[group];
      checkCount(descriptor, group, 0x1C, "bg_itable_unused", unused, freeInodes[group]);
    }
    boolean believable =
        superblock.hasDescriptorChecksums()
            ? group != 0 || (bits & GROUP_BLOCK_UNINIT) == 0
            : (bits & (GROUP_BLOCK_UNINIT | GROUP_INODE_UNINIT)) == 0;
    if (!believable) {
      throw descriptor.corrupt(
          AT_FLAGS,
          "group %d: bg_flags 0x%x calls bitmaps uninitialised that must exist; run e2fsck",
          group,
          bits);
    }
  }

  /** Checks that a range lies in the group or, with flex_bg, at least in the filesystem. */
  private void checkPlace(Bytes descriptor, int group, int at, String field, long block, int length)
      throws CorruptFormatException {
    boolean flexible = superblock.has(Feature.FLEX_BG);
    long first = flexible ? superblock.firstDataBlock() : geometry.firstBlock(group);
    long end = flexible ? geometry.blocks() : first + geometry.blocksIn(group);
    if (block <= 0 || block < first || block > end - length) {
      throw descriptor.corrupt(
          at,
          "group %d: %s is %s, expected %d blocks within %d to %d; run e2fsck",
          group,
          field,
          Long.toUnsignedString(block),
          length,
          first,
          end);
    }
  }

  private static void checkCount(
      Bytes descriptor, int group, int at, String field, int count, int most)
      throws CorruptFormatException {
    if (count < 0 || count > most) {
      throw descriptor.corrupt(
          at,
          "group %d: %s is %s, expected at most %d; run e2fsck",
          group,
          field,
          Integer.toUnsignedString(count),
          most);
    }
  }

  private void verifyChecksum(Bytes descriptor, int group) throws CorruptFormatException {
    if (!superblock.hasDescriptorChecksums()) {
      return;
    }
    int found = descriptor.u16(AT_CHECKSUM);
    int expected =
        superblock.has(Feature.METADATA_CSUM)
            ? crc32c(descriptor, group)
            : crc16(descriptor, group);
    if (found != expected) {
      throw descriptor.corrupt(
          AT_CHECKSUM,
          "group %d: bg_checksum is 0x%04x, expected 0x%04x; run e2fsck",
          group,
          found,
          expected);
    }
  }

  private int crc32c(Bytes descriptor, int group) {
    MemorySegment memory = descriptor.memory();
    int after = AT_CHECKSUM + 2;
    return Crc32c.seeded(superblock.checksumSeed())
            .u32le(group)
            .add(memory.asSlice(0, AT_CHECKSUM))
            .u16le(0)
            .add(memory.asSlice(after))
            .value()
        & 0xFFFF;
  }

  private int crc16(Bytes descriptor, int group) {
    MemorySegment memory = descriptor.memory();
    int crc = Crc16.u32le(crc16OfUuid, group);
    crc = Crc16.of(crc, memory.asSlice(0, AT_CHECKSUM));
    return Crc16.of(crc, memory.asSlice(AT_CHECKSUM + 2));
  }

  /** {@code bg_block_bitmap}: the block that holds the group's block bitmap. */
  long blockBitmap(int group) {
    return blockBitmap[group];
  }

  /** {@code bg_inode_bitmap}: the block that holds the group's inode bitmap. */
  long inodeBitmap(int group) {
    return inodeBitmap[group];
  }

  /** {@code bg_inode_table}: the first block of the group's inode table. */
  long inodeTable(int group) {
    return inodeTable[group];
  }

  /** {@code bg_free_blocks_count}, which counts clusters. */
  int freeClusters(int group) {
    return freeClusters[group];
  }

  /** {@code bg_free_inodes_count}. */
  int freeInodes(int group) {
    return freeInodes[group];
  }

  /** The inodes from a group's first on whose place in the table was ever written. */
  int initialisedInodes(int group) {
    int inodes = (int) superblock.inodesPerGroup();
    if (!superblock.hasDescriptorChecksums()) {
      return inodes;
    }
    return inodeBitmapUninitialised(group) ? 0 : inodes - unusedInodes[group];
  }

  /** Whether the group's block bitmap was never written and must be derived. */
  boolean blockBitmapUninitialised(int group) {
    return (flags[group] & GROUP_BLOCK_UNINIT) != 0;
  }

  /** Whether the group's inode bitmap was never written: no inode is in use. */
  boolean inodeBitmapUninitialised(int group) {
    return (flags[group] & GROUP_INODE_UNINIT) != 0;
  }

  /** {@code bg_block_bitmap_csum}: 16 bits in small descriptors, else 32. */
  int blockBitmapChecksum(int group) {
    return blockBitmapChecksum[group];
  }

  /** {@code bg_inode_bitmap_csum}: 16 bits in small descriptors, else 32. */
  int inodeBitmapChecksum(int group) {
    return inodeBitmapChecksum[group];
  }
}
