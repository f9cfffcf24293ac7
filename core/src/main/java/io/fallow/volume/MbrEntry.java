package io.fallow.volume;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;

/**
 * One of the four entries of a boot record's partition table.
 *
 * @param bootIndicator 0x80 if the partition boots, 0 if not; anything else is no partition entry
 * @param osType what the partition holds, 0 if the entry is empty
 * @param startingLba its first sector; in an extended boot record relative to a base
 * @param sizeInLba its number of sectors, 0 if the entry is empty
 */
public record MbrEntry(int bootIndicator, int osType, long startingLba, long sizeInLba) {

  /** The size of an entry in bytes. */
  public static final int SIZE = 16;

  /** The type of the entry that protects a GPT from tools that do not know it. */
  public static final int GPT_PROTECTIVE = 0xEE;

  static MbrEntry read(Bytes boot, long at) throws CorruptFormatException {
    int bootIndicator = boot.u8(at + 0x0);
    int osType = boot.u8(at + 0x4);
    long startingLba = boot.u32(at + 0x8);
    long sizeInLba = boot.u32(at + 0xC);
    return new MbrEntry(bootIndicator, osType, startingLba, sizeInLba);
  }

  /** Whether it describes no partition. */
  public boolean isEmpty() {
    return osType == 0 || sizeInLba == 0;
  }

  /** Whether it is a container of logical partitions: type 05, 0F or 85. */
  public boolean isExtended() {
    return osType == 0x05 || osType == 0x0F || osType == 0x85;
  }

  /** The sector after the last one. */
  public long endLba() {
    return startingLba + sizeInLba;
  }
}
