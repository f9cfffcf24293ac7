package io.fallow.fs.ext;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The extent tree of ext4: {@code struct ext4_extent_header}, then {@code ext4_extent} in leaves
 * and {@code ext4_extent_idx} above them, 12 bytes each; outside the inode a checksum follows.
 */
final class ExtentTree {

  private static final int MAGIC = 0xF30A;
  private static final int ENTRY = 12;
  private static final int GREATEST_DEPTH = 5;

  /** {@code ee_len} above this is that of an extent which was allocated and not written. */
  private static final int MOST_WRITTEN = 1 << 15;

  private final Volume volume;
  private final Inode inode;
  private final FileMap.Visitor visitor;
  private final Bytes[] nodes = new Bytes[GREATEST_DEPTH + 1];
  private final int[] entries = new int[GREATEST_DEPTH + 1];
  private final int[] positions = new int[GREATEST_DEPTH + 1];

  /** The first logical block behind all extents so far. */
  private long next;

  private ExtentTree(Volume volume, Inode inode, FileMap.Visitor visitor) {
    this.volume = volume;
    this.inode = inode;
    this.visitor = visitor;
  }

  /**
   * Walks through the tree of an inode.
   *
   * @throws CorruptFormatException if a node breaks the format, or extents are out of order
   */
  static void walk(Volume volume, Inode inode, FileMap.Visitor visitor) throws IOException {
    new ExtentTree(volume, inode, visitor).walk();
  }

  private void walk() throws IOException {
    Bytes root = inode.block();
    int depth = root.u16(0x6);
    check(root, depth <= GREATEST_DEPTH, 0x6, "eh_depth is %d, expected at most 5", depth);
    enter(root, depth, 0);
    for (int level = 0; level >= 0; ) {
      if (positions[level] == entries[level]) {
        level--;
        continue;
      }
      int at = ENTRY * ++positions[level];
      if (depth - level == 0) {
        leaf(nodes[level], at);
      } else {
        descend(nodes[level], at, depth - level - 1, level + 1);
        level++;
      }
    }
  }

  private void leaf(Bytes node, int at) throws IOException {
    long logical = node.u32(at);
    int length = node.u16(at + 0x4);
    long physical = (long) node.u16(at + 0x6) << 32 | node.u32(at + 0x8);
    check(node, length > 0, at + 0x4, "ee_len is 0");
    boolean written = length <= MOST_WRITTEN;
    int blocks = written ? length : length - MOST_WRITTEN;
    check(
        node,
        logical >= next && logical + blocks <= 1L << 32,
        at,
        "ee_block is %d, expected at least %d: extents are out of order or overlap",
        logical,
        next);
    next = logical + blocks;
    visitor.run(logical, physical, blocks, written);
  }

  private void descend(Bytes node, int at, int depth, int level) throws IOException {
    long logical = node.u32(at);
    long block = (long) node.u16(at + 0x8) << 32 | node.u32(at + 0x4);
    visitor.node(block);
    Bytes child = volume.block(block);
    enter(child, depth, level);
    check(child, entries[level] > 0, 0x2, "eh_entries is 0");
    check(
        child,
        child.u32(ENTRY) == logical,
        ENTRY,
        "starts with logical block %d, but its ei_block is %d",
        child.u32(ENTRY),
        logical);
    if (volume.has(Feature.METADATA_CSUM)) {
      verifyChecksum(child);
    }
  }

  private void enter(Bytes node, int depth, int level) throws CorruptFormatException {
    int magic = node.u16(0x0);
    int count = node.u16(0x2);
    int most = node.u16(0x4);
    int room = (int) (node.size() - ENTRY) / ENTRY;
    check(node, magic == MAGIC, 0x0, "eh_magic is 0x%04x, expected 0x%04x", magic, MAGIC);
    check(
        node,
        most <= room && most >= room - 2,
        0x4,
        "eh_max is %d, expected %d to %d",
        most,
        room - 2,
        room);
    check(node, count <= most, 0x2, "eh_entries is %d, more than eh_max %d", count, most);
    check(node, node.u16(0x6) == depth, 0x6, "eh_depth is %d, expected %d", node.u16(0x6), depth);
    nodes[level] = node;
    entries[level] = count;
    positions[level] = 0;
  }

  private void verifyChecksum(Bytes node) throws CorruptFormatException {
    int at = ENTRY + ENTRY * node.u16(0x4);
    MemorySegment covered = node.slice(0, at).memory();
    int expected = inode.checksum(volume.superblock()).add(covered).value();
    int found = node.bits32(at);
    check(node, found == expected, at, "et_checksum is 0x%08x, expected 0x%08x", found, expected);
  }

  private void check(Bytes node, boolean condition, int at, String message, Object... arguments)
      throws CorruptFormatException {
    if (!condition) {
      throw node.corrupt(
          at,
          "inode %d: extent tree: %s; run e2fsck -f",
          inode.number(),
          message.formatted(arguments));
    }
  }
}
