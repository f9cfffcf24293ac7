package io.fallow.host;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What {@code statx(2)} tells of a file. Unlike {@code struct stat}, its layout is the same on
 * every architecture.
 *
 * @param mode the file's type and permissions
 * @param inode its number on the device
 * @param size in bytes
 * @param allocated the bytes that it takes
 * @param deviceMajor the device that holds it, and {@code deviceMinor}
 */
record FileStatus(
    int mode, long inode, long size, long allocated, int deviceMajor, int deviceMinor) {

  /** The size of {@code struct statx} in bytes. */
  static final int BYTES = 0x100;

  private static final int S_IFMT = 0xF000;
  private static final int UNIT_OF_STX_BLOCKS = 512;

  static FileStatus decode(MemorySegment statx) {
    return new FileStatus(
        Short.toUnsignedInt(statx.get(ValueLayout.JAVA_SHORT, 0x1c)), // stx_mode
        statx.get(ValueLayout.JAVA_LONG, 0x20), // stx_ino
        statx.get(ValueLayout.JAVA_LONG, 0x28), // stx_size
        statx.get(ValueLayout.JAVA_LONG, 0x30) * UNIT_OF_STX_BLOCKS, // stx_blocks
        statx.get(ValueLayout.JAVA_INT, 0x88), // stx_dev_major
        statx.get(ValueLayout.JAVA_INT, 0x8c)); // stx_dev_minor
  }

  /** Whether both are the same file, whatever its size. */
  boolean isSameFile(FileStatus other) {
    return inode == other.inode
        && deviceMajor == other.deviceMajor
        && deviceMinor == other.deviceMinor;
  }

  boolean isRegular() {
    return (mode & S_IFMT) == 0x8000;
  }

  /** What kind of file it is, for a message. */
  String kind() {
    return switch (mode & S_IFMT) {
      case 0x1000 -> "a pipe";
      case 0x2000 -> "a character device";
      case 0x4000 -> "a directory";
      case 0x6000 -> "a block device";
      case 0x8000 -> "a regular file";
      case 0xC000 -> "a socket";
      default -> "not a regular file";
    };
  }
}
