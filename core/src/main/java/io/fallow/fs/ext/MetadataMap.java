package io.fallow.fs.ext;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.extent.ExtentSet;
import java.util.function.IntToLongFunction;

/** Every block that holds metadata at a place of its own, whatever the bitmaps say. */
final class MetadataMap {

  private final String source;
  private final Geometry geometry;
  private ExtentSet blocks = ExtentSet.empty();

  private MetadataMap(String source, Geometry geometry) {
    this.source = source;
    this.geometry = geometry;
  }

  /**
   * Collects superblocks, group descriptors and blocks reserved for more of them, bitmaps, inode
   * tables, and the block of multi-mount protection.
   *
   * @param source the device's name
   * @return the set of block numbers
   * @throws CorruptFormatException if two of them share a block
   */
  static ExtentSet of(
      String source, Superblock superblock, Geometry geometry, GroupDescriptors descriptors)
      throws CorruptFormatException {
    MetadataMap map = new MetadataMap(source, geometry);
    ExtentSet.Builder base = ExtentSet.builder();
    for (int group = 0; group < geometry.groups(); group++) {
      base.add(geometry.baseBlocks(group));
    }
    map.blocks = base.build();
    map.addAll("bg_block_bitmap", descriptors::blockBitmap, 1);
    map.addAll("bg_inode_bitmap", descriptors::inodeBitmap, 1);
    map.addAll("bg_inode_table", descriptors::inodeTable, geometry.inodeTableBlocks());
    if (superblock.has(Feature.MMP)) {
      map.add("s_mmp_block", ExtentSet.of(superblock.mmpBlock(), superblock.mmpBlock() + 1));
    }
    return map.blocks;
  }

  private void addAll(String field, IntToLongFunction place, int length)
      throws CorruptFormatException {
    ExtentSet.Builder builder = ExtentSet.builder();
    for (int group = 0; group < geometry.groups(); group++) {
      long block = place.applyAsLong(group);
      builder.add(block, block + length);
    }
    ExtentSet set = builder.build();
    if (set.total() != (long) geometry.groups() * length) {
      throw new CorruptFormatException(
          source,
          geometry.descriptorBlock(0) * geometry.blockSize(),
          "group descriptors: %s of two groups overlap; run e2fsck".formatted(field));
    }
    add(field, set);
  }

  private void add(String field, ExtentSet set) throws CorruptFormatException {
    ExtentSet shared = blocks.intersect(set);
    if (!shared.isEmpty()) {
      throw new CorruptFormatException(
          source,
          shared.start(0) * geometry.blockSize(),
          "%s overlaps other metadata in block %d; run e2fsck".formatted(field, shared.start(0)));
    }
    blocks = blocks.union(set);
  }
}
