package io.fallow.volume.gpt;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.volume.GptSignature;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * One copy of the GPT header (UEFI 2.10, section 5.3.2, table 5.5).
 *
 * @param sectorSize the size of a logical block in bytes, by which the copy was found
 * @param myLba where this copy lies
 * @param alternateLba where the other copy lies
 * @param firstUsableLba the first block that a partition may have
 * @param lastUsableLba the last block that a partition may have
 * @param diskGuid the disk's identity, as its bytes lie on disk
 * @param partitionEntryLba where this copy's array of entries starts
 * @param numberOfPartitionEntries the entries in the array, used or not
 * @param sizeOfPartitionEntry the size of an entry in bytes
 * @param partitionEntryArrayCrc32 the checksum of the array
 */
record GptHeader(
    int sectorSize,
    long myLba,
    long alternateLba,
    long firstUsableLba,
    long lastUsableLba,
    UUID diskGuid,
    long partitionEntryLba,
    long numberOfPartitionEntries,
    long sizeOfPartitionEntry,
    int partitionEntryArrayCrc32) {

  private static final int MINIMUM_SIZE = 92;
  private static final int MAXIMUM_ARRAY = 1 << 20;
  private static final long REVISION_1_0 = 0x0001_0000;
  private static final String REPAIR = "; look at it with \"sgdisk -v\", repair it with gdisk";

  /** Reads and checks the copy at {@code lba}. */
  static GptHeader read(Device disk, long lba, int sectorSize) throws IOException {
    long lastLba = GptSignature.lastLba(disk, sectorSize);
    Bytes header = disk.bytes(lba * sectorSize, sectorSize, ByteOrder.LITTLE_ENDIAN);
    header.check(
        header.hasAscii(0x00, GptSignature.TEXT), 0x00, "Signature is not EFI PART" + REPAIR);
    long revision = header.u32(0x08);
    long headerSize = header.u32(0x0C);
    int headerCrc32 = header.bits32(0x10);
    header.check(
        headerSize >= MINIMUM_SIZE && headerSize <= sectorSize,
        0x0C,
        "HeaderSize %d is not in 92..%d" + REPAIR,
        headerSize,
        sectorSize);
    int crc = headerCrc(header, (int) headerSize);
    header.check(
        crc == headerCrc32,
        0x10,
        "HeaderCRC32 is 0x%08x, expected 0x%08x" + REPAIR,
        headerCrc32,
        crc);
    header.check(revision == REVISION_1_0, 0x08, "Revision 0x%08x is not 1.0", revision);
    GptHeader result =
        new GptHeader(
            sectorSize,
            header.u63(0x18),
            header.u63(0x20),
            header.u63(0x28),
            header.u63(0x30),
            header.uuid(0x38),
            header.u63(0x48),
            header.u32(0x50),
            header.u32(0x54),
            header.bits32(0x58));
    result.check(header, lba, lastLba);
    return result;
  }

  private static int headerCrc(Bytes header, int headerSize) throws CorruptFormatException {
    byte[] content = header.array(0, headerSize);
    Arrays.fill(content, 0x10, 0x14, (byte) 0);
    CRC32 crc = new CRC32();
    crc.update(content);
    return (int) crc.getValue();
  }

  private void check(Bytes header, long lba, long lastLba) throws CorruptFormatException {
    header.check(myLba == lba, 0x18, "MyLBA is %d, expected %d" + REPAIR, myLba, lba);
    header.check(
        alternateLba >= 1 && alternateLba <= lastLba && alternateLba != lba,
        0x20,
        "AlternateLBA %d is not in 1..%d, or this copy itself: was the disk truncated?" + REPAIR,
        alternateLba,
        lastLba);
    header.check(
        firstUsableLba >= 2 && firstUsableLba <= lastUsableLba && lastUsableLba < lastLba,
        0x28,
        "FirstUsableLBA %d and LastUsableLBA %d are not in 2..%d" + REPAIR,
        firstUsableLba,
        lastUsableLba,
        lastLba - 1);
    header.check(
        lba < firstUsableLba || lba > lastUsableLba,
        0x18,
        "the header lies among the usable blocks %d..%d" + REPAIR,
        firstUsableLba,
        lastUsableLba);
    header.check(
        sizeOfPartitionEntry >= GptEntry.SIZE && Long.bitCount(sizeOfPartitionEntry) == 1,
        0x54,
        "SizeOfPartitionEntry %d is not 128 times a power of two",
        sizeOfPartitionEntry);
    header.check(
        numberOfPartitionEntries >= 1
            && numberOfPartitionEntries <= MAXIMUM_ARRAY / sizeOfPartitionEntry,
        0x50,
        "NumberOfPartitionEntries is %d: at most 1 MiB of entries of %d bytes is accepted",
        numberOfPartitionEntries,
        sizeOfPartitionEntry);
    long end = partitionEntryLba + Math.ceilDiv(arraySize(), sectorSize);
    header.check(
        partitionEntryLba >= 2 && partitionEntryLba <= lastLba && end <= lastLba + 1,
        0x48,
        "PartitionEntryLBA %d puts the array outside the disk" + REPAIR,
        partitionEntryLba);
    header.check(
        (end <= firstUsableLba || partitionEntryLba > lastUsableLba)
            && (lba < partitionEntryLba || lba >= end),
        0x48,
        "PartitionEntryLBA %d puts the array over usable blocks or the header" + REPAIR,
        partitionEntryLba);
  }

  /** The size of the array of entries in bytes; at most 1 MiB. */
  int arraySize() {
    return Math.toIntExact(numberOfPartitionEntries * sizeOfPartitionEntry);
  }

  /** Reads this copy's array of entries, and checks its checksum. */
  Bytes readArray(Device disk) throws IOException {
    Bytes array = disk.bytes(partitionEntryLba * sectorSize, arraySize(), ByteOrder.LITTLE_ENDIAN);
    CRC32 crc = new CRC32();
    crc.update(array.array(0, arraySize()));
    array.check(
        (int) crc.getValue() == partitionEntryArrayCrc32,
        0,
        "PartitionEntryArrayCRC32 is 0x%08x in the header, expected 0x%08x" + REPAIR,
        partitionEntryArrayCrc32,
        (int) crc.getValue());
    return array;
  }

  /** Demands that the other copy describes the same disk. */
  void checkAgrees(Device disk, GptHeader other) throws CorruptFormatException {
    boolean agrees =
        other.alternateLba == myLba
            && other.firstUsableLba == firstUsableLba
            && other.lastUsableLba == lastUsableLba
            && other.diskGuid.equals(diskGuid)
            && other.numberOfPartitionEntries == numberOfPartitionEntries
            && other.sizeOfPartitionEntry == sizeOfPartitionEntry
            && other.partitionEntryArrayCrc32 == partitionEntryArrayCrc32;
    if (!agrees) {
      throw new CorruptFormatException(
          disk.name(),
          other.myLba * sectorSize,
          "the backup GPT header does not agree with the primary one" + REPAIR);
    }
  }
}
