package io.fallow.fs.ext;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import java.util.BitSet;

/**
 * The index of a large directory: {@code struct dx_root} in its first block and {@code dx_node} in
 * others, both hidden behind entries that span the block, lead to every other block by the hash of
 * the names in it.
 */
final class HashIndex {

  private static final int ROOT_INFO = 0x18;
  private static final int ROOT_LIMIT = 0x20;
  private static final int NODE_LIMIT = 0x8;
  private static final int ENTRY = 8;
  private static final int TAIL = 8;
  private static final int GREATEST_HASH_VERSION = 6;
  private static final int BLOCK_MASK = 0x0FFFFFFF;

  private final Volume volume;
  private final Inode inode;
  private final long blocks;
  private final boolean indexed;
  private final BitSet referenced = new BitSet();

  /** The index of a directory of {@code blocks} blocks, or of one without an index. */
  HashIndex(Volume volume, Inode inode, long blocks) {
    this.volume = volume;
    this.inode = inode;
    this.blocks = blocks;
    this.indexed = inode.has(Inode.Flag.INDEX) && volume.has(Feature.DIR_INDEX) && blocks > 0;
  }

  /** Whether a block of the directory is part of the index. */
  boolean isNode(long logical, Bytes block) throws CorruptFormatException {
    if (!indexed) {
      return false;
    }
    int length = block.u16(4);
    boolean whole =
        length == block.size() || (block.size() == 1 << 16 && (length == 0 || length == 0xFFFF));
    return logical == 0
        || (block.u32(0) == 0 && whole && block.u16(NODE_LIMIT) == limit(block, NODE_LIMIT));
  }

  /** Takes the blocks to which a block of the index leads. */
  void read(long logical, Bytes block) throws CorruptFormatException {
    int at = logical == 0 ? ROOT_LIMIT : NODE_LIMIT;
    if (logical == 0) {
      int version = block.u8(ROOT_INFO + 4);
      int length = block.u8(ROOT_INFO + 5);
      int levels = block.u8(ROOT_INFO + 6);
      check(
          block,
          block.u32(ROOT_INFO) == 0
              && version <= GREATEST_HASH_VERSION
              && length == 8
              && levels <= (volume.has(Feature.LARGEDIR) ? 2 : 1)
              && (block.u8(ROOT_INFO + 7) & 1) == 0,
          ROOT_INFO,
          "dx_root_info has hash_version %d, info_length %d, indirect_levels %d",
          version,
          length,
          levels);
    }
    int limit = block.u16(at);
    int count = block.u16(at + 2);
    check(
        block,
        limit == limit(block, at) && count >= 1 && count <= limit,
        at,
        "limit is %d and count %d, expected limit %d",
        limit,
        count,
        limit(block, at));
    if (volume.has(Feature.METADATA_CSUM)) {
      verifyChecksum(block, at, limit, count);
    }
    long before = -1;
    for (int i = 0; i < count; i++) {
      int entry = at + i * ENTRY;
      long hash = i == 0 ? 0 : block.u32(entry);
      check(block, i == 0 || hash >= before, entry, "hash 0x%08x is out of order", hash);
      before = hash;
      int target = block.bits32(entry + 4) & BLOCK_MASK;
      check(
          block,
          target > 0 && target < blocks && !referenced.get(target),
          entry + 4,
          "block %d is no other block of the directory, or was named before",
          target);
      referenced.set(target);
    }
  }

  /** Demands that the index leads to every block. */
  void checkComplete() throws CorruptFormatException {
    volume.check(
        !indexed || referenced.cardinality() == blocks - 1,
        inode.number(),
        "the directory's index names %d of its %d other blocks",
        referenced.cardinality(),
        blocks - 1);
  }

  private int limit(Bytes block, int at) {
    int tail = volume.has(Feature.METADATA_CSUM) ? TAIL : 0;
    return (int) (block.size() - at - tail) / ENTRY;
  }

  private void verifyChecksum(Bytes block, int at, int limit, int count)
      throws CorruptFormatException {
    int tail = at + limit * ENTRY;
    int expected =
        inode
            .checksum(volume.superblock())
            .add(block.slice(0, at + count * ENTRY).memory())
            .add(block.slice(tail, 4).memory())
            .fill(0, 4)
            .value();
    int found = block.bits32(tail + 4);
    check(
        block,
        found == expected,
        tail + 4,
        "dt_checksum is 0x%08x, expected 0x%08x",
        found,
        expected);
  }

  private void check(Bytes block, boolean condition, int at, String message, Object... arguments)
      throws CorruptFormatException {
    if (!condition) {
      throw block.corrupt(
          at,
          "inode %d: directory index: %s; run e2fsck -f",
          inode.number(),
          message.formatted(arguments));
    }
  }
}
