package io.fallow.fs.ext;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.Crc32c;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.device.Device;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The block bitmaps of all groups: a clear bit is a free cluster.
 *
 * <p>A group's bitmap is believed if its checksum holds (with METADATA_CSUM), all metadata in the
 * group are marked as used, the padding behind the last cluster is set, and the number of clear
 * bits is the descriptor's free count. The bitmap of a BLOCK_UNINIT group was never written: all is
 * free but metadata, which the free count must confirm.
 */
final class BlockBitmaps {

  /** The most runs of free blocks that are kept; bounds the memory of the set. */
  static final int MOST_RUNS = 1 << 22;

  private final Device device;
  private final Superblock superblock;
  private final Geometry geometry;
  private final GroupDescriptors descriptors;

  /** Metadata in units of blocks, rounded outward to whole clusters. */
  private final ExtentSet metadata;

  private final Bitmap bitmap;
  private final ExtentSet.Builder free = ExtentSet.builder();
  private long freeClusters;
  private int runs;

  /** The first run of {@link #metadata} that may reach into the group at hand or a later one. */
  private int nextRun;

  private BlockBitmaps(
      Device device,
      Superblock superblock,
      Geometry geometry,
      GroupDescriptors descriptors,
      ExtentSet metadata) {
    this.device = device;
    this.superblock = superblock;
    this.geometry = geometry;
    this.descriptors = descriptors;
    this.metadata = metadata.alignOutward(geometry.blocksPerCluster());
    this.bitmap = new Bitmap(geometry.blockSize());
  }

  /**
   * Reads and checks all block bitmaps.
   *
   * @param metadata the blocks of {@link MetadataMap}
   * @return the free bytes
   * @throws CorruptFormatException if a bitmap disagrees with its descriptor or with the metadata
   */
  static ExtentSet read(
      Device device,
      Superblock superblock,
      Geometry geometry,
      GroupDescriptors descriptors,
      ExtentSet metadata)
      throws IOException {
    return new BlockBitmaps(device, superblock, geometry, descriptors, metadata).read();
  }

  private ExtentSet read() throws IOException {
    try (BitmapReader reader =
        new BitmapReader(
            device,
            geometry,
            descriptors::blockBitmap,
            group -> !descriptors.blockBitmapUninitialised(group))) {
      for (int group = 0; group < geometry.groups(); group++) {
        int found =
            descriptors.blockBitmapUninitialised(group)
                ? addUninitialised(group)
                : addInitialised(group, reader.read(group));
        if (found != descriptors.freeClusters(group)) {
          throw corrupt(
              group,
              "has %d free clusters, but bg_free_blocks_count is %d",
              found,
              descriptors.freeClusters(group));
        }
        freeClusters += found;
        skipMetadataOf(group);
      }
    }
    checkTotal();
    return free.build();
  }

  private int addInitialised(int group, MemorySegment block) throws IOException {
    verifyChecksum(group, block);
    bitmap.load(block);
    int clusters = geometry.clustersIn(group);
    if (bitmap.nextClear(clusters) != bitmap.bits()) {
      throw corrupt(
          group, "has a clear bit %d behind its last cluster", bitmap.nextClear(clusters));
    }
    checkMetadataMarked(group);
    for (int start = bitmap.nextClear(0); start < clusters; ) {
      int end = bitmap.nextSet(start);
      add(group, start, end);
      start = bitmap.nextClear(end);
    }
    return bitmap.clear();
  }

  private int addUninitialised(int group) throws IOException {
    int free = 0;
    int from = 0;
    long first = geometry.firstBlock(group);
    long end = first + geometry.blocksIn(group);
    for (int run = nextRun; run < metadata.runs() && metadata.start(run) < end; run++) {
      int start = cluster(group, Math.max(first, metadata.start(run)));
      if (from < start) {
        add(group, from, start);
        free += start - from;
      }
      from = cluster(group, Math.min(end, metadata.end(run)));
    }
    int clusters = geometry.clustersIn(group);
    if (from < clusters) {
      add(group, from, clusters);
      free += clusters - from;
    }
    return free;
  }

  private void checkMetadataMarked(int group) throws CorruptFormatException {
    long first = geometry.firstBlock(group);
    long end = first + geometry.blocksIn(group);
    for (int run = nextRun; run < metadata.runs() && metadata.start(run) < end; run++) {
      int start = cluster(group, Math.max(first, metadata.start(run)));
      int clear = bitmap.nextClear(start);
      if (clear < cluster(group, Math.min(end, metadata.end(run)))) {
        throw corrupt(
            group,
            "calls block %d free, which holds metadata",
            first + (long) clear * geometry.blocksPerCluster());
      }
    }
  }

  /** The index in its group of the cluster that ends at, or starts before, {@code block}. */
  private int cluster(int group, long block) {
    return (int) Math.ceilDiv(block - geometry.firstBlock(group), geometry.blocksPerCluster());
  }

  private void skipMetadataOf(int group) {
    long end = geometry.firstBlock(group) + geometry.blocksIn(group);
    while (nextRun < metadata.runs() && metadata.end(nextRun) <= end) {
      nextRun++;
    }
  }

  /** Adds clusters of a group; the filesystem may end within the last one. */
  private void add(int group, int start, int end) throws UnsupportedFeatureException {
    if (++runs > MOST_RUNS) {
      throw new UnsupportedFeatureException(
          device.name(), List.of("free space in more than %d pieces".formatted(MOST_RUNS)));
    }
    long first = geometry.firstBlock(group);
    long firstBlock = first + (long) start * geometry.blocksPerCluster();
    long endBlock = Math.min(first + (long) end * geometry.blocksPerCluster(), geometry.blocks());
    free.add(firstBlock * geometry.blockSize(), endBlock * geometry.blockSize());
  }

  private void verifyChecksum(int group, MemorySegment block) throws CorruptFormatException {
    if (!superblock.has(Feature.METADATA_CSUM)) {
      return;
    }
    long covered = superblock.clustersPerGroup() / 8;
    int expected = Crc32c.of(superblock.checksumSeed(), block.asSlice(0, covered));
    if (superblock.descriptorSize() < ExtConstants.LARGE_DESCRIPTOR) {
      expected &= 0xFFFF;
    }
    int found = descriptors.blockBitmapChecksum(group);
    if (found != expected) {
      throw corrupt(
          group, "has the checksum 0x%08x, but bg_block_bitmap_csum is 0x%08x", expected, found);
    }
  }

  private void checkTotal() throws CorruptFormatException {
    long blocks = Math.multiplyExact(freeClusters, geometry.blocksPerCluster());
    if (blocks != superblock.freeBlocksCount()) {
      throw new CorruptFormatException(
          device.name(),
          ExtConstants.SUPERBLOCK_OFFSET + Superblock.At.FREE_BLOCKS_COUNT,
          "s_free_blocks_count is %d, but the groups have %d free blocks; run e2fsck"
              .formatted(superblock.freeBlocksCount(), blocks));
    }
  }

  private CorruptFormatException corrupt(int group, String message, Object... arguments) {
    return new CorruptFormatException(
        device.name(),
        descriptors.blockBitmap(group) * geometry.blockSize(),
        "block bitmap of group %d %s; run e2fsck".formatted(group, message.formatted(arguments)));
  }
}
