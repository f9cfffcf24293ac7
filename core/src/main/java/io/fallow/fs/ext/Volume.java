package io.fallow.fs.ext;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import java.io.IOException;
import java.nio.ByteOrder;

/**
 * A filesystem whose layout was read and checked, as those see it that walk through its files.
 *
 * @param device holds it
 * @param superblock its superblock
 * @param geometry the checked layout
 * @param descriptors where each group's parts lie
 */
record Volume(
    Device device, Superblock superblock, Geometry geometry, GroupDescriptors descriptors) {

  /** The size of a block in bytes. */
  int blockSize() {
    return geometry.blockSize();
  }

  /** Whether the feature's flag is set. */
  boolean has(Feature feature) {
    return superblock.has(feature);
  }

  /** Reads one block, which lies within the filesystem. */
  Bytes block(long block) throws IOException {
    return device.bytes(block * blockSize(), blockSize(), ByteOrder.LITTLE_ENDIAN);
  }

  /** Where an inode lies, in bytes. */
  long inodeOffset(long number) {
    long perGroup = superblock.inodesPerGroup();
    int group = (int) ((number - 1) / perGroup);
    return descriptors.inodeTable(group) * blockSize()
        + (number - 1) % perGroup * superblock.inodeSize();
  }

  /** The exception for an inode that breaks the format, or disagrees with another structure. */
  CorruptFormatException corrupt(long inode, String message, Object... arguments) {
    return new CorruptFormatException(
        device.name(),
        inodeOffset(inode),
        "inode %d: %s; run e2fsck -f".formatted(inode, message.formatted(arguments)));
  }

  /** Demands something of an inode. */
  void check(boolean condition, long inode, String message, Object... arguments)
      throws CorruptFormatException {
    if (!condition) {
      throw corrupt(inode, message, arguments);
    }
  }
}
