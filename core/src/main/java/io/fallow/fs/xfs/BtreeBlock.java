package io.fallow.fs.xfs;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;

/**
 * A block of a btree within an allocation group, {@code struct xfs_btree_block} in its short form,
 * that holds free extents: a header, then records in a leaf, or keys and pointers in a node.
 *
 * @param bytes the whole block
 * @param header the size of its header
 * @param capacity the most entries that fit
 * @param level bb_level: 0 in a leaf
 * @param entries bb_numrecs
 * @param left bb_leftsib, or {@link Xfs#NULL_BLOCK}
 * @param right bb_rightsib, or {@link Xfs#NULL_BLOCK}
 */
record BtreeBlock(
    Bytes bytes, int header, int capacity, int level, int entries, long left, long right) {

  private static final int V4_HEADER = 0x10;
  private static final int V5_HEADER = 0x38;
  private static final int CRC = 0x34;
  private static final int RECORD = 8;
  private static final int POINTER = 4;

  /** The entries that fit into a block: records of a leaf, or keys with pointers of a node. */
  static int capacity(Superblock sb, boolean leaf) {
    int header = sb.v5() ? V5_HEADER : V4_HEADER;
    return (sb.blockSize() - header) / (leaf ? RECORD : RECORD + POINTER);
  }

  /**
   * Decodes and checks a block of the tree {@code order} of group {@code agno}.
   *
   * @throws CorruptFormatException if it is not that block of that tree
   */
  static BtreeBlock parse(Bytes block, Superblock sb, FreeSpaceBtree.Order order, long agno)
      throws CorruptFormatException {
    int magic = block.bits32(0x00); // bb_magic
    int expected = sb.v5() ? order.crcMagic : order.magic;
    block.check(
        magic == expected, 0x00, "bb_magic 0x%08x of %s, expected 0x%08x", magic, order, expected);
    if (sb.v5()) {
      Checksum.check(block, CRC, "bb_crc");
      block.check(block.uuid(0x20).equals(sb.metaUuid()), 0x20, "bb_uuid is another filesystem's");
      long owner = block.u32(0x30); // bb_owner
      block.check(owner == agno, 0x30, "bb_owner %d, expected %d", owner, agno);
      long blkno = block.u63(0x10); // bb_blkno
      long place = block.origin() / Xfs.BASIC_BLOCK;
      block.check(blkno == place, 0x10, "bb_blkno 0x%x, expected 0x%x", blkno, place);
    }
    int level = block.u16(0x04); // bb_level
    int capacity = capacity(sb, level == 0);
    int entries = block.u16(0x06); // bb_numrecs
    block.check(entries <= capacity, 0x06, "bb_numrecs %d of at most %d", entries, capacity);
    return new BtreeBlock(
        block,
        sb.v5() ? V5_HEADER : V4_HEADER,
        capacity,
        level,
        entries,
        block.u32(0x08), // bb_leftsib
        block.u32(0x0C)); // bb_rightsib
  }

  /** Where record or key {@code index} lies in the block. */
  int recordAt(int index) {
    return header + index * RECORD;
  }

  /** ar_startblock and ar_blockcount of record or key {@code index}, packed. */
  long record(int index) throws CorruptFormatException {
    return bytes.bits64(recordAt(index));
  }

  /** Where the pointer {@code index} of a node lies in the block. */
  int pointerAt(int index) {
    return header + capacity * RECORD + index * POINTER;
  }

  /** The block of child {@code index} of a node. */
  long pointer(int index) throws CorruptFormatException {
    return bytes.u32(pointerAt(index));
  }
}
