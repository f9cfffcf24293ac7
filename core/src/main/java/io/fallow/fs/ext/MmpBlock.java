package io.fallow.fs.ext;

import static io.fallow.fs.ext.ExtConstants.MMP_MAGIC;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.Crc32c;

/**
 * {@code struct mmp_struct}, the block with which hosts tell each other that they use a filesystem.
 *
 * @param sequence {@code mmp_seq}
 * @param node {@code mmp_nodename}, the host that wrote it last
 */
record MmpBlock(long sequence, String node) {

  /** The size in bytes. */
  static final int SIZE = 1024;

  private static final int AT_CHECKSUM = 0x3FC;

  /**
   * Reads the block.
   *
   * @throws CorruptFormatException if magic or checksum are wrong
   */
  static MmpBlock read(Bytes block, Superblock superblock) throws CorruptFormatException {
    long magic = block.u32(0x0);
    block.check(magic == MMP_MAGIC, 0x0, "mmp_magic is 0x%08x, expected 0x%08x", magic, MMP_MAGIC);
    if (superblock.has(Feature.METADATA_CSUM)) {
      int found = block.bits32(AT_CHECKSUM);
      int expected = Crc32c.of(superblock.checksumSeed(), block.memory().asSlice(0, AT_CHECKSUM));
      block.check(
          found == expected,
          AT_CHECKSUM,
          "mmp_checksum is 0x%08x, expected 0x%08x; run e2fsck",
          found,
          expected);
    }
    return new MmpBlock(block.u32(0x4), block.text(0x10, 64));
  }
}
