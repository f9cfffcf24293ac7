package io.fallow.fs.ext;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.Crc32c;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct journal_superblock_s} of jbd2, big-endian, 1024 bytes at the journal's start: the
 * fields that tell whether the journal holds anything.
 *
 * @param start {@code s_start}, the block in which the log starts; 0 if it is empty
 * @param errno {@code s_errno}, an error that the kernel recorded
 * @param fastCommits whether the incompatible feature FAST_COMMIT is set, which a clean unmount
 *     clears: fast commits may be waiting
 */
record JournalSuperblock(long start, int errno, boolean fastCommits) {

  /** The size in bytes. */
  static final int SIZE = 1024;

  private static final int MAGIC = 0xC03B3998;
  private static final int TYPE_V1 = 3;
  private static final int TYPE_V2 = 4;
  private static final int INCOMPAT_CHECKSUMS = 0x8 | 0x10;
  private static final int INCOMPAT_FAST_COMMIT = 0x20;
  private static final int AT_CHECKSUM = 0xFC;

  /**
   * Reads the journal's superblock.
   *
   * @param blockSize the filesystem's block size in bytes, which is also the journal's
   * @throws CorruptFormatException if it is none, or its checksum is wrong
   */
  static JournalSuperblock read(Bytes block, int blockSize) throws CorruptFormatException {
    int magic = block.bits32(0x0);
    block.check(magic == MAGIC, 0x0, "h_magic is 0x%08x, expected 0x%08x", magic, MAGIC);
    long type = block.u32(0x4);
    block.check(
        type == TYPE_V1 || type == TYPE_V2, 0x4, "h_blocktype is %d, expected 3 or 4", type);
    long size = block.u32(0xC);
    block.check(size == blockSize, 0xC, "s_blocksize is %d, expected %d", size, blockSize);
    // The features came with the second version of the superblock.
    int incompat = type == TYPE_V2 ? block.bits32(0x28) : 0;
    if ((incompat & INCOMPAT_CHECKSUMS) != 0) {
      verifyChecksum(block);
    }
    return new JournalSuperblock(
        block.u32(0x1C), block.bits32(0x20), (incompat & INCOMPAT_FAST_COMMIT) != 0);
  }

  private static void verifyChecksum(Bytes block) throws CorruptFormatException {
    MemorySegment memory = block.memory();
    int expected =
        Crc32c.seeded(Crc32c.START)
            .add(memory.asSlice(0, AT_CHECKSUM))
            .fill(0, 4)
            .add(memory.asSlice(AT_CHECKSUM + 4, SIZE - AT_CHECKSUM - 4))
            .value();
    int found = block.bits32(AT_CHECKSUM);
    block.check(
        found == expected,
        AT_CHECKSUM,
        "s_checksum of the journal is 0x%08x, expected 0x%08x; run e2fsck",
        found,
        expected);
  }
}
