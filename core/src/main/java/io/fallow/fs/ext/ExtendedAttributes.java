package io.fallow.fs.ext;

import static io.fallow.fs.ext.ExtConstants.OLD_INODE_SIZE;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.Crc32c;
import io.fallow.bytes.UnsupportedFeatureException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/**
 * The extended attributes of one inode: {@code ext4_xattr_ibody_header} behind its fields, {@code
 * ext4_xattr_header} in a block of their own, each followed by {@code ext4_xattr_entry}s; values
 * stand at the end of the same space, or in inodes of their own.
 */
final class ExtendedAttributes {

  private static final int MAGIC = 0xEA020000;
  private static final int HEADER = 32;
  private static final int ENTRY = 16;
  private static final int AT_CHECKSUM = 0x10;
  private static final int INDEX_SYSTEM = 7;
  private static final int INDEX_ENCRYPTION = 9;
  private static final int CONTEXT_1_SIZE = 28;
  private static final int CONTEXT_2_SIZE = 40;

  private final Volume volume;
  private final Inode inode;
  private final SparseBits referenced;
  private long outsideBlocks;
  private boolean encrypted;
  private Bytes inlineData;
  private boolean inline;

  /**
   * None yet.
   *
   * @param referenced is given the inodes that hold values
   */
  ExtendedAttributes(Volume volume, Inode inode, SparseBits referenced) {
    this.volume = volume;
    this.inode = inode;
    this.referenced = referenced;
    this.inlineData = inode.block();
  }

  /** The blocks that values in inodes of their own take, which some kernels count as this one's. */
  long outsideBlocks() {
    return outsideBlocks;
  }

  /** Whether there is a sound encryption context. */
  boolean encrypted() {
    return encrypted;
  }

  /** Whether there is an attribute for inline data. */
  boolean inline() {
    return inline;
  }

  /** The part of inline data that does not fit into {@code i_block}; see {@link #inline}. */
  Bytes inlineData() {
    return inlineData;
  }

  /** Reads those within the inode. */
  void readBody() throws CorruptFormatException, UnsupportedFeatureException {
    int at = OLD_INODE_SIZE + inode.extraSize();
    long size = inode.bytes().size();
    if (size > OLD_INODE_SIZE && at < size - 4 && inode.bytes().bits32(at) == MAGIC) {
      Bytes space = inode.bytes().slice(at, size - at);
      read(space, 4, 4, false);
    }
  }

  /**
   * Reads those in a block of their own.
   *
   * @return how many other inodes share it
   */
  long readBlock(Bytes block) throws CorruptFormatException, UnsupportedFeatureException {
    int magic = block.bits32(0x0);
    check(block, magic == MAGIC, 0x0, "h_magic is 0x%08x, expected 0x%08x", magic, MAGIC);
    long references = block.u32(0x4);
    check(block, references > 0, 0x4, "h_refcount is 0");
    check(block, block.u32(0x8) == 1, 0x8, "h_blocks is %d, expected 1", block.u32(0x8));
    if (volume.has(Feature.METADATA_CSUM)) {
      verifyChecksum(block);
    }
    read(block, HEADER, 0, true);
    return references - 1;
  }

  private void verifyChecksum(Bytes block) throws CorruptFormatException {
    MemorySegment memory = block.memory();
    long number = block.origin() / volume.blockSize();
    int expected =
        Crc32c.seeded(volume.superblock().checksumSeed())
            .u32le((int) number)
            .u32le((int) (number >>> 32))
            .add(memory.asSlice(0, AT_CHECKSUM))
            .fill(0, 4)
            .add(memory.asSlice(AT_CHECKSUM + 4))
            .value();
    int found = block.bits32(AT_CHECKSUM);
    check(
        block,
        found == expected,
        AT_CHECKSUM,
        "h_checksum is 0x%08x, expected 0x%08x",
        found,
        expected);
  }

  /** Reads entries from {@code start} on; values lie relative to {@code base}. */
  private void read(Bytes space, int start, int base, boolean inBlock)
      throws CorruptFormatException, UnsupportedFeatureException {
    BitSet taken = new BitSet();
    take(space, taken, 0, start);
    int at = start;
    while (space.bits32(at) != 0) {
      int nameLength = space.u8(at);
      int index = space.u8(at + 0x1);
      long valueSize = space.u32(at + 0x8);
      int length = ENTRY + (nameLength + 3) / 4 * 4;
      take(space, taken, at, length);
      check(space, !inBlock || index != 0, at + 0x1, "e_name_index is 0");
      long outside = space.u32(at + 0x4);
      if (outside != 0) {
        outside(space, at, outside, valueSize);
      } else {
        int value = base + space.u16(at + 0x2);
        check(
            space,
            valueSize <= space.size() - value || valueSize == 0,
            at + 0x8,
            "e_value_size is %d, more than the space holds",
            valueSize);
        if (valueSize > 0) {
          take(space, taken, value, (int) Math.min((valueSize + 3) / 4 * 4, space.size() - value));
        }
        verifyHash(space, at, value, (int) valueSize, inBlock);
        note(space, at, index, valueSize == 0 ? 0 : value, (int) valueSize);
      }
      at += length;
    }
    take(space, taken, at, 4);
  }

  private void take(Bytes space, BitSet taken, int at, int length) throws CorruptFormatException {
    check(
        space,
        length <= space.size() - at,
        at,
        "%d bytes end behind their space of %d",
        length,
        space.size());
    int clash = taken.nextSetBit(at);
    check(space, clash < 0 || clash >= at + length, at, "entries and values overlap");
    taken.set(at, at + length);
  }

  private void outside(Bytes space, int at, long number, long valueSize)
      throws CorruptFormatException, UnsupportedFeatureException {
    check(space, volume.has(Feature.EA_INODE), at + 0x4, "e_value_inum without EA_INODE");
    check(
        space,
        number >= volume.superblock().firstInode() && number <= volume.superblock().inodesCount(),
        at + 0x4,
        "e_value_inum is %d, expected one of the %d inodes",
        number,
        volume.superblock().inodesCount());
    check(space, valueSize > 0, at + 0x8, "e_value_size is 0");
    if (!referenced.contains(number)) {
      referenced.add(number, number + 1);
    }
    long cluster = (long) volume.blockSize() * volume.geometry().blocksPerCluster();
    outsideBlocks += Math.ceilDiv(valueSize, cluster) * volume.geometry().blocksPerCluster();
  }

  private void note(Bytes space, int at, int index, int value, int size)
      throws CorruptFormatException {
    int nameLength = space.u8(at);
    if (index == INDEX_SYSTEM && nameLength == 4 && space.hasAscii(at + ENTRY, "data")) {
      inline = true;
      inlineData = space.slice(value, size);
    }
    if (index == INDEX_ENCRYPTION && nameLength == 1 && space.hasAscii(at + ENTRY, "c")) {
      int version = size == 0 ? 0 : space.u8(value);
      encrypted =
          (version == 1 && size == CONTEXT_1_SIZE) || (version == 2 && size == CONTEXT_2_SIZE);
    }
  }

  /** The hash over name and value; kernels disagreed on whether a name's bytes have signs. */
  private void verifyHash(Bytes space, int at, int value, int size, boolean inBlock)
      throws CorruptFormatException {
    int found = space.bits32(at + 0xC);
    if (found == 0 && !inBlock) {
      return;
    }
    int unsigned = 0;
    int signed = 0;
    for (int i = 0; i < space.u8(at); i++) {
      int letter = space.u8(at + ENTRY + i);
      unsigned = Integer.rotateLeft(unsigned, 5) ^ letter;
      signed = Integer.rotateLeft(signed, 5) ^ (byte) letter;
    }
    for (int i = 0; i < size; i += 4) {
      int word = 0;
      for (int letter = 0; letter < 4 && value + i + letter < space.size(); letter++) {
        word |= space.u8(value + i + letter) << (8 * letter);
      }
      unsigned = Integer.rotateLeft(unsigned, 16) ^ word;
      signed = Integer.rotateLeft(signed, 16) ^ word;
    }
    check(
        space,
        found == unsigned || found == signed,
        at + 0xC,
        "e_hash is 0x%08x, expected 0x%08x",
        found,
        unsigned);
  }

  private void check(Bytes space, boolean condition, int at, String message, Object... arguments)
      throws CorruptFormatException {
    if (!condition) {
      throw space.corrupt(
          at,
          "inode %d: extended attributes: %s; run e2fsck -f",
          inode.number(),
          message.formatted(arguments));
    }
  }
}
