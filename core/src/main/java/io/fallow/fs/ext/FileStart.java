package io.fallow.fs.ext;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import java.io.IOException;
import java.nio.ByteOrder;

/** Finds the block with which a file starts, through its block map or its extent tree. */
final class FileStart {

  /** {@code i_flags}: the file is mapped by extents. */
  private static final int FLAG_EXTENTS = 0x80000;

  /** {@code eh_magic}. */
  private static final int EXTENT_MAGIC = 0xF30A;

  /** The greatest {@code eh_depth}. */
  private static final int GREATEST_DEPTH = 5;

  private FileStart() {}

  /**
   * The number of the file's first block.
   *
   * @throws CorruptFormatException if the file has none, or none within the filesystem
   */
  static long block(Device device, Geometry geometry, Inode inode) throws IOException {
    boolean extents = (inode.flags() & FLAG_EXTENTS) != 0;
    return extents ? byExtents(device, geometry, inode) : byMap(geometry, inode);
  }

  private static long byMap(Geometry geometry, Inode inode) throws CorruptFormatException {
    return within(geometry, inode.block(), 0, inode.block().u32(0));
  }

  private static long byExtents(Device device, Geometry geometry, Inode inode) throws IOException {
    Bytes node = inode.block();
    int depth = node.u16(0x6);
    node.check(depth <= GREATEST_DEPTH, 0x6, "eh_depth is %d, expected at most 5", depth);
    for (int level = depth; ; level--) {
      int magic = node.u16(0x0);
      node.check(magic == EXTENT_MAGIC, 0x0, "eh_magic is 0x%04x, expected 0xf30a", magic);
      node.check(node.u16(0x2) > 0, 0x2, "eh_entries is 0, expected a first extent");
      node.check(node.u16(0x6) == level, 0x6, "eh_depth is %d, expected %d", node.u16(0x6), level);
      node.check(node.u32(0xC) == 0, 0xC, "first extent is of block %d, expected 0", node.u32(0xC));
      if (level == 0) {
        return within(geometry, node, 0x14, node.u32(0x14) | (long) node.u16(0x12) << 32);
      }
      long child = within(geometry, node, 0x10, node.u32(0x10) | (long) node.u16(0x14) << 32);
      node =
          device.bytes(child * geometry.blockSize(), geometry.blockSize(), ByteOrder.LITTLE_ENDIAN);
    }
  }

  private static long within(Geometry geometry, Bytes node, int at, long block)
      throws CorruptFormatException {
    node.check(
        block > 0 && block < geometry.blocks(),
        at,
        "block %d of the file lies outside the filesystem's %d blocks; run e2fsck",
        block,
        geometry.blocks());
    return block;
  }
}
