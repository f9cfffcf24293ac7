package io.fallow.fs.xfs;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.device.Device;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.List;

/**
 * One of the two btrees of an allocation group's free extents, read level by level from its root.
 *
 * <p>A walk cannot loop: levels only descend, and within a level each block's siblings must be its
 * neighbours in its parents' pointers, so that none can occur twice.
 */
final class FreeSpaceBtree {

  /** What a tree is sorted by. */
  enum Order {
    /** By ar_startblock. */
    BNOBT(Xfs.ABTB_MAGIC, Xfs.ABTB_CRC_MAGIC),
    /** By ar_blockcount, then ar_startblock. */
    CNTBT(Xfs.ABTC_MAGIC, Xfs.ABTC_CRC_MAGIC);

    final int magic;
    final int crcMagic;

    Order(int magic, int crcMagic) {
      this.magic = magic;
      this.crcMagic = crcMagic;
    }

    /** The record as a number that ascends along the tree. */
    long sortKey(long record) {
      return this == BNOBT ? record : record << 32 | record >>> 32;
    }
  }

  /**
   * What was read.
   *
   * @param extents the records in the tree's order
   * @param blocks the tree's own blocks
   */
  record Content(FreeExtents extents, LongList blocks) {}

  /** The most bytes that are read at once. */
  private static final int BATCH = 1 << 20;

  private final Device device;
  private final Superblock sb;
  private final Agf agf;
  private final Order order;
  private final int limit;
  private final LongList extents = new LongList();
  private final LongList blocks = new LongList();

  private FreeSpaceBtree(Device device, Superblock sb, Agf agf, Order order, int limit) {
    this.device = device;
    this.sb = sb;
    this.agf = agf;
    this.order = order;
    this.limit = limit;
  }

  /** The most levels that a tree can have: all blocks half full, and every other block free. */
  static int maxLevels(Superblock sb) {
    long count = Math.ceilDiv((sb.agBlocks() + 1) / 2, BtreeBlock.capacity(sb, true) / 2);
    int levels = 1;
    while (count > 1) {
      count = Math.ceilDiv(count, BtreeBlock.capacity(sb, false) / 2);
      levels++;
    }
    return levels;
  }

  /**
   * Reads a tree of the group that {@code agf} describes.
   *
   * @param limit the most extents to hold
   * @throws CorruptFormatException if a block is broken, or an extent lies outside the group or is
   *     not in order
   * @throws UnsupportedFeatureException if there are more extents
   */
  static Content read(Device device, Superblock sb, Agf agf, Order order, int limit)
      throws IOException {
    return new FreeSpaceBtree(device, sb, agf, order, limit).read();
  }

  private Content read() throws IOException {
    boolean byBlock = order == Order.BNOBT;
    LongList pointers = new LongList();
    pointers.add(byBlock ? agf.bnoRoot() : agf.cntRoot());
    checkPointer(
        pointers.last(), sb.offset(agf.agno(), 0) + sb.sectorSize(), byBlock ? 0x10 : 0x14);
    LongList keys = new LongList();
    long levels = byBlock ? agf.bnoLevel() : agf.cntLevel();
    for (int level = (int) levels - 1; level >= 0; level--) {
      LongList childPointers = new LongList();
      LongList childKeys = new LongList();
      readLevel(level, pointers, keys, childPointers, childKeys);
      pointers = childPointers;
      keys = childKeys;
    }
    return new Content(FreeExtents.of(extents), blocks);
  }

  /** Reads the blocks of one level, runs of neighbours at once. */
  private void readLevel(
      int level, LongList pointers, LongList keys, LongList childPointers, LongList childKeys)
      throws IOException {
    int batch = Math.max(1, BATCH / sb.blockSize());
    for (int i = 0; i < pointers.size(); ) {
      int run = 1;
      while (run < batch
          && i + run < pointers.size()
          && pointers.get(i + run) == pointers.get(i) + run) {
        run++;
      }
      long offset = sb.offset(agf.agno(), pointers.get(i));
      Bytes bytes = device.bytes(offset, run * sb.blockSize(), ByteOrder.BIG_ENDIAN);
      for (int j = 0; j < run; j++, i++) {
        Bytes slice = bytes.slice((long) j * sb.blockSize(), sb.blockSize());
        BtreeBlock block = BtreeBlock.parse(slice, sb, order, agf.agno());
        checkPlace(block, level, pointers, i);
        if (!keys.isEmpty()) {
          checkKey(block, keys.get(i));
        }
        blocks.add(pointers.get(i));
        if (level == 0) {
          addExtents(block);
        } else {
          addChildren(block, childPointers, childKeys);
        }
      }
    }
  }

  private void checkPlace(BtreeBlock block, int level, LongList pointers, int index)
      throws CorruptFormatException {
    Bytes bytes = block.bytes();
    bytes.check(block.level() == level, 0x04, "bb_level %d, expected %d", block.level(), level);
    long left = index == 0 ? Xfs.NULL_BLOCK : pointers.get(index - 1);
    long right = index + 1 == pointers.size() ? Xfs.NULL_BLOCK : pointers.get(index + 1);
    bytes.check(block.left() == left, 0x08, "bb_leftsib 0x%x, expected 0x%x", block.left(), left);
    bytes.check(
        block.right() == right, 0x0C, "bb_rightsib 0x%x, expected 0x%x", block.right(), right);
    boolean onlyLeaf = level == 0 && pointers.size() == 1;
    bytes.check(block.entries() > 0 || onlyLeaf, 0x06, "bb_numrecs 0 in %s", order);
  }

  private static void checkKey(BtreeBlock block, long key) throws CorruptFormatException {
    long first = block.record(0);
    block
        .bytes()
        .check(
            first == key,
            block.recordAt(0),
            "first entry 0x%016x, but its parent's key is 0x%016x",
            first,
            key);
  }

  private void addChildren(BtreeBlock block, LongList pointers, LongList keys) throws IOException {
    for (int i = 0; i < block.entries(); i++) {
      long key = block.record(i);
      if (!keys.isEmpty()) {
        checkOrder(block, i, keys.last(), key);
      }
      keys.add(key);
      long pointer = block.pointer(i);
      checkPointer(pointer, block.bytes().origin(), block.pointerAt(i));
      pointers.add(pointer);
    }
    checkLimit(pointers.size());
  }

  private void addExtents(BtreeBlock block) throws IOException {
    checkLimit((long) extents.size() + block.entries());
    for (int i = 0; i < block.entries(); i++) {
      long extent = block.record(i);
      long start = FreeExtents.start(extent); // ar_startblock
      long count = FreeExtents.count(extent); // ar_blockcount
      boolean inside = start >= sb.headerBlocks() && count > 0 && start + count <= agf.length();
      block
          .bytes()
          .check(
              inside,
              block.recordAt(i),
              "free extent of ar_blockcount %d at ar_startblock %d lies outside its group",
              count,
              start);
      if (!extents.isEmpty()) {
        checkOrder(block, i, extents.last(), extent);
      }
      extents.add(extent);
    }
  }

  private void checkOrder(BtreeBlock block, int index, long previous, long next)
      throws CorruptFormatException {
    boolean ascending =
        Long.compareUnsigned(order.sortKey(previous), order.sortKey(next)) < 0
            && (order == Order.CNTBT || FreeExtents.end(previous) <= FreeExtents.start(next));
    block
        .bytes()
        .check(
            ascending,
            block.recordAt(index),
            "entry 0x%016x of %s does not follow 0x%016x",
            next,
            order,
            previous);
  }

  private void checkPointer(long pointer, long origin, int at) throws CorruptFormatException {
    if (pointer < sb.headerBlocks() || pointer >= agf.length()) {
      throw new CorruptFormatException(
          device.name(),
          origin + at,
          "block 0x%x of %s lies outside its group".formatted(pointer, order));
    }
  }

  private void checkLimit(long found) throws UnsupportedFeatureException {
    if (found > limit) {
      throw new UnsupportedFeatureException(
          device.name(), List.of("more than %d free extents".formatted(Xfs.MAX_FREE_EXTENTS)));
    }
  }
}
