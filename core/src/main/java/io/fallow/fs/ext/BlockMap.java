package io.fallow.fs.ext;

import io.fallow.bytes.Bytes;
import java.io.IOException;

/**
 * The block map of ext2 and ext3: 12 block numbers in {@code i_block}, and three more that lead to
 * trees of blocks of numbers, one, two and three levels high. A number of 0 is a hole.
 */
final class BlockMap {

  private static final int DIRECT = 12;
  private static final int LEVELS = 3;

  private final Volume volume;
  private final FileMap.Visitor visitor;
  private final int perBlock;
  private final Bytes[] nodes = new Bytes[LEVELS + 1];
  private final int[] positions = new int[LEVELS + 1];
  private long logical;
  private long runPhysical;
  private long runLength;

  private BlockMap(Volume volume, FileMap.Visitor visitor) {
    this.volume = volume;
    this.visitor = visitor;
    this.perBlock = volume.blockSize() / Integer.BYTES;
  }

  /** Walks through the map of an inode. */
  static void walk(Volume volume, Inode inode, FileMap.Visitor visitor) throws IOException {
    BlockMap map = new BlockMap(volume, visitor);
    for (int index = 0; index < DIRECT; index++) {
      map.content(inode.block().u32(index * 4L));
    }
    for (int level = 1; level <= LEVELS; level++) {
      map.tree(inode.block().u32((DIRECT + level - 1) * 4L), level);
    }
    map.endRun();
  }

  private void tree(long root, int height) throws IOException {
    if (!enter(root, height)) {
      return;
    }
    for (int level = height; level <= height; ) {
      if (positions[level] == perBlock) {
        level++;
        continue;
      }
      long block = nodes[level].u32(positions[level]++ * 4L);
      if (level == 1) {
        content(block);
      } else if (enter(block, level - 1)) {
        level--;
      }
    }
  }

  /** Reads a block of numbers that stands {@code level} above content; false if it is a hole. */
  private boolean enter(long block, int level) throws IOException {
    endRun();
    if (block == 0) {
      long covered = 1;
      for (int i = 0; i < level; i++) {
        covered *= perBlock;
      }
      logical += covered;
      return false;
    }
    visitor.node(block);
    nodes[level] = volume.block(block);
    positions[level] = 0;
    return true;
  }

  private void content(long block) throws IOException {
    if (block == 0 || runLength == 0 || block != runPhysical + runLength) {
      endRun();
      runPhysical = block;
    }
    logical++;
    if (block != 0) {
      runLength++;
    }
  }

  private void endRun() throws IOException {
    if (runLength > 0) {
      visitor.run(logical - runLength, runPhysical, runLength, true);
      runLength = 0;
    }
  }
}
