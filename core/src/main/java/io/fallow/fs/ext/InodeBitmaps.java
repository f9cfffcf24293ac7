package io.fallow.fs.ext;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.Crc32c;
import io.fallow.device.Device;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The inode bitmaps of all groups. They do not say which blocks are free; but where they disagree
 * with their descriptors, something has damaged the same stretch of metadata that holds the block
 * bitmaps.
 */
final class InodeBitmaps {

  private final Device device;
  private final Superblock superblock;
  private final Geometry geometry;
  private final GroupDescriptors descriptors;
  private final Bitmap bitmap;

  private InodeBitmaps(
      Device device, Superblock superblock, Geometry geometry, GroupDescriptors descriptors) {
    this.device = device;
    this.superblock = superblock;
    this.geometry = geometry;
    this.descriptors = descriptors;
    this.bitmap = new Bitmap(geometry.blockSize());
  }

  /**
   * Reads and checks all inode bitmaps: checksums, padding, counts, and that reserved inodes are in
   * use.
   *
   * @throws CorruptFormatException if one disagrees with its descriptor
   */
  static void verify(
      Device device, Superblock superblock, Geometry geometry, GroupDescriptors descriptors)
      throws IOException {
    new InodeBitmaps(device, superblock, geometry, descriptors).verify();
  }

  private void verify() throws IOException {
    int inodes = (int) superblock.inodesPerGroup();
    long total = 0;
    try (BitmapReader reader =
        new BitmapReader(
            device,
            geometry,
            descriptors::inodeBitmap,
            group -> !descriptors.inodeBitmapUninitialised(group))) {
      for (int group = 0; group < geometry.groups(); group++) {
        int found =
            descriptors.inodeBitmapUninitialised(group)
                ? inodes
                : verifyOne(group, reader.read(group));
        if (found != descriptors.freeInodes(group)) {
          throw corrupt(
              group,
              "has %d free inodes, but bg_free_inodes_count is %d",
              found,
              descriptors.freeInodes(group));
        }
        total += found;
      }
    }
    if (total != superblock.freeInodesCount()) {
      throw new CorruptFormatException(
          device.name(),
          ExtConstants.SUPERBLOCK_OFFSET + Superblock.At.FREE_INODES_COUNT,
          "s_free_inodes_count is %d, but the groups have %d free inodes; run e2fsck"
              .formatted(superblock.freeInodesCount(), total));
    }
  }

  private int verifyOne(int group, MemorySegment block) throws CorruptFormatException {
    int inodes = (int) superblock.inodesPerGroup();
    if (superblock.has(Feature.METADATA_CSUM)) {
      int expected = Crc32c.of(superblock.checksumSeed(), block.asSlice(0, inodes / 8));
      if (superblock.descriptorSize() < ExtConstants.LARGE_DESCRIPTOR) {
        expected &= 0xFFFF;
      }
      int found = descriptors.inodeBitmapChecksum(group);
      if (found != expected) {
        throw corrupt(
            group, "has the checksum 0x%08x, but bg_inode_bitmap_csum is 0x%08x", expected, found);
      }
    }
    bitmap.load(block);
    int padding = bitmap.nextClear(inodes);
    if (padding != bitmap.bits()) {
      throw corrupt(group, "has a clear bit %d behind its last inode", padding);
    }
    long reserved = superblock.firstInode() - 1 - (long) group * inodes;
    if (bitmap.nextClear(0) < Math.min(reserved, inodes)) {
      throw corrupt(
          group, "calls reserved inode %d free", (long) group * inodes + bitmap.nextClear(0) + 1);
    }
    return bitmap.clear();
  }

  private CorruptFormatException corrupt(int group, String message, Object... arguments) {
    return new CorruptFormatException(
        device.name(),
        descriptors.inodeBitmap(group) * geometry.blockSize(),
        "inode bitmap of group %d %s; run e2fsck".formatted(group, message.formatted(arguments)));
  }
}
