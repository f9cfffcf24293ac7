package io.fallow.volume.gpt;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.extent.Extent;
import java.util.UUID;

/**
 * An entry of the partition array that is in use (UEFI 2.10, section 5.3.3, table 5.6).
 *
 * @param number its place in the array, from 1
 * @param type the PartitionTypeGUID in its usual notation
 * @param startingLba its first block
 * @param endLba the block after its last one
 */
record GptEntry(int number, UUID type, long startingLba, long endLba) {

  /** The part of an entry that the specification describes, in bytes. */
  static final int SIZE = 128;

  private static final UUID UNUSED = new UUID(0, 0);

  static boolean isUnused(Bytes array, long at) throws CorruptFormatException {
    return array.uuid(at).equals(UNUSED);
  }

  static GptEntry read(Bytes array, long at, int number, GptHeader header)
      throws CorruptFormatException {
    UUID partitionTypeGuid = mixedEndian(array.uuid(at + 0x00));
    long startingLba = array.u63(at + 0x20);
    long endingLba = array.u63(at + 0x28);
    array.check(
        startingLba >= header.firstUsableLba()
            && startingLba <= endingLba
            && endingLba <= header.lastUsableLba(),
        at + 0x20,
        "partition %d has StartingLBA %d and EndingLBA %d, not within the usable %d..%d",
        number,
        startingLba,
        endingLba,
        header.firstUsableLba(),
        header.lastUsableLba());
    return new GptEntry(number, partitionTypeGuid, startingLba, endingLba + 1);
  }

  /** Where it lies on the disk, in bytes. */
  Extent place(int sectorSize) {
    return new Extent(startingLba * sectorSize, endLba * sectorSize);
  }

  /** GUIDs are stored with the first three groups in little-endian order. */
  private static UUID mixedEndian(UUID stored) {
    long high = stored.getMostSignificantBits();
    long first = Integer.reverseBytes((int) (high >>> 32)) & 0xFFFF_FFFFL;
    long second = Short.reverseBytes((short) (high >>> 16)) & 0xFFFFL;
    long third = Short.reverseBytes((short) high) & 0xFFFFL;
    return new UUID(first << 32 | second << 16 | third, stored.getLeastSignificantBits());
  }
}
