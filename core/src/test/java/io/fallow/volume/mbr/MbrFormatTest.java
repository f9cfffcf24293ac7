package io.fallow.volume.mbr;

import static io.fallow.volume.Disks.SECTOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.groups.Tuple.tuple;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.extent.Extent;
import io.fallow.format.Layer;
import io.fallow.volume.Disks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MbrFormatTest {

  private final MbrFormat format = new MbrFormat();

  @Test
  void readsWhatSfdiskWrote() throws IOException {
    assertThat(format.recognise(Disks.disk("mbr"))).contains("mbr");
    assertThat(open(Disks.bytes("mbr")).children())
        .extracting(Layer.Child::name, Layer.Child::place, Layer.Child::known)
        .containsExactly(
            tuple("1", sectors(1, 2048), "prep-boot"),
            tuple("2", sectors(2048, 3072), ""),
            tuple("5", sectors(4096, 4608), ""),
            tuple("6", sectors(5120, 5632), ""),
            tuple("7", sectors(6144, 8192), ""));
  }

  @Test
  void refusesPrimariesThatOverlap() {
    byte[] content = Disks.bytes("mbr");
    Disks.mbrEntry(content, 0, 1, 0x83, 2047, 1024);
    assertCorrupt(content, "disk at 0x1d6: partitions 1 and 2 overlap");
  }

  @Test
  void refusesPrimaryBeyondTheDisk() {
    byte[] content = Disks.bytes("mbr");
    Disks.mbrEntry(content, 0, 2, 0x05, 3072, 5121);
    assertCorrupt(
        content, "disk at 0x1ea: partition 3 ends at sector 8192, beyond the disk's 8192");
  }

  @Test
  void refusesTwoExtendedPartitions() {
    byte[] content = Disks.bytes("mbr");
    Disks.mbrEntry(content, 0, 1, 0x0F, 2048, 1024);
    assertCorrupt(content, "disk at 0x1be: two extended partitions");
  }

  @Test
  void refusesChainThatLoops() {
    byte[] content = Disks.bytes("mbr");
    int firstLink = Disks.edit(content).getInt(3072 * SECTOR + 0x1CE + 8);
    int second = (3072 + firstLink) * SECTOR;
    Disks.mbrEntry(content, second, 1, 0x05, firstLink, 1);
    assertCorrupt(
        content,
        "disk at 0x%x: link to sector %d does not lead forward within the extended partition"
            .formatted(second + 0x1BE, 3072 + firstLink));
  }

  @Test
  void refusesChainThatNeverEnds() {
    byte[] content = new byte[1 << 20];
    Disks.mbrEntry(content, 0, 0, 0x05, 1, 2047);
    for (int i = 0; i < 200; i++) {
      Disks.mbrEntry(content, (1L + i) * SECTOR, 1, 0x05, i + 1, 1);
    }
    assertCorrupt(content, "disk at 0x10200: chain of more than 128 extended boot records");
  }

  @Test
  void refusesLogicalPartitionOutsideTheExtendedOne() {
    byte[] content = Disks.bytes("mbr");
    Disks.mbrEntry(content, 3072 * SECTOR, 0, 0x83, 1024, 4097);
    assertCorrupt(
        content,
        "disk at 0x1801be: logical partition at sectors 4096..8192 is not within its extended one"
            + " 3072..8191");
  }

  @Test
  void refusesLogicalPartitionsThatOverlap() {
    byte[] content = Disks.bytes("mbr");
    Disks.mbrEntry(content, 3072 * SECTOR, 0, 0x83, 3000, 2000);
    assertCorrupt(content, "disk at 0x180000: partitions 5 and 7 overlap");
  }

  @Test
  void refusesLogicalPartitionOverABootRecord() {
    byte[] content = Disks.bytes("mbr");
    Disks.mbrEntry(content, 3072 * SECTOR, 0, 0x83, 1024, 1024);
    assertCorrupt(content, "disk at 0x180000: partition 5 covers the extended boot record");
  }

  @Test
  void refusesBootRecordWithTwoPartitionsOrLinks() {
    byte[] partitions = Disks.bytes("mbr");
    Disks.mbrEntry(partitions, 3072 * SECTOR, 2, 0x83, 2, 1);
    assertCorrupt(partitions, "disk at 0x1801be: extended boot record has two partitions");
    byte[] links = Disks.bytes("mbr");
    Disks.mbrEntry(links, 3072 * SECTOR, 2, 0x05, 3000, 1);
    assertCorrupt(links, "disk at 0x1801be: extended boot record has two links");
  }

  @Test
  void refusesLinkToNoBootRecord() {
    byte[] content = Disks.bytes("mbr");
    Disks.mbrEntry(content, 3072 * SECTOR, 1, 0x05, 4000, 1);
    assertCorrupt(content, "disk at 0x3741fe: extended boot record has no signature 55 aa");
  }

  @Test
  void takesExtendedPartitionWithoutBootRecordForEmpty() throws IOException {
    byte[] content = Disks.bytes("mbr");
    content[3072 * SECTOR + 510] = 0;
    assertThat(open(content).children()).extracting(Layer.Child::name).containsExactly("1", "2");
  }

  @Test
  void refusesProtectiveMbrWithoutGpt() throws IOException {
    byte[] content = new byte[1 << 20];
    Disks.mbrEntry(content, 0, 0, 0xEE, 1, 2047);
    assertThat(format.recognise(Disks.sparse(content))).contains("mbr");
    assertCorrupt(content, "disk at 0x1be: a protective MBR without any GPT");
  }

  @Test
  void leavesGptToOthers() throws IOException {
    assertThat(format.recognise(Disks.disk("gpt"))).isEmpty();
    assertThat(format.recognise(Disks.disk("hybrid"))).isEmpty();
  }

  @Test
  void findsSectorsOf4096BytesByTheExtendedBootRecord() throws IOException {
    byte[] content = new byte[1 << 20];
    Disks.mbrEntry(content, 0, 0, 0x05, 8, 100);
    Disks.mbrEntry(content, 8 * 4096, 0, 0x83, 2, 50);
    assertThat(open(content).children())
        .extracting(Layer.Child::place)
        .containsExactly(new Extent(10 * 4096, 60 * 4096));
  }

  @Test
  void findsSectorsOf4096BytesByTheFirstPartition() throws IOException {
    byte[] content = new byte[1 << 20];
    Disks.mbrEntry(content, 0, 0, 0x83, 32, 100);
    content[32 * 4096 + 1080] = 1;
    assertThat(open(content).children())
        .extracting(Layer.Child::place)
        .containsExactly(new Extent(32 * 4096, 132 * 4096));
    content[32 * 512 + 1080] = 1;
    assertThat(open(content).children())
        .extracting(Layer.Child::place)
        .containsExactly(sectors(32, 132));
  }

  @Test
  void isNoBootSectorOfAFileSystem() throws IOException {
    byte[] ntfs = Disks.bytes("mbr");
    System.arraycopy("NTFS    ".getBytes(StandardCharsets.US_ASCII), 0, ntfs, 3, 8);
    Disks.edit(ntfs).putShort(0xB, (short) 512);
    assertThat(format.recognise(Disks.sparse(ntfs))).isEmpty();
    byte[] fat = Disks.bytes("mbr");
    Disks.edit(fat).putShort(0xB, (short) 512).put(0xD, (byte) 4).putShort(0xE, (short) 1);
    Disks.edit(fat).put(0x10, (byte) 2).put(0x15, (byte) 0xF8).putShort(0x13, (short) 8192);
    assertThat(format.recognise(Disks.sparse(fat))).isEmpty();
  }

  @Test
  void isNoRandomSector() throws IOException {
    Random random = new Random(1);
    byte[] content = new byte[1 << 16];
    for (int i = 0; i < 10_000; i++) {
      byte[] sector = new byte[SECTOR];
      random.nextBytes(sector);
      System.arraycopy(sector, 0, content, 0, SECTOR);
      Disks.edit(content).putShort(510, (short) 0xAA55);
      assertThat(format.recognise(Disks.sparse(content))).isEmpty();
    }
  }

  @Test
  void isNoEmptyTable() throws IOException {
    byte[] content = new byte[1 << 16];
    Disks.edit(content).putShort(510, (short) 0xAA55);
    assertThat(format.recognise(Disks.sparse(content))).isEmpty();
  }

  private Layer open(byte[] content) throws IOException {
    return (Layer) format.open(Disks.sparse(content));
  }

  private static Extent sectors(long start, long end) {
    return new Extent(start * SECTOR, end * SECTOR);
  }

  private void assertCorrupt(byte[] content, String message) {
    assertThatExceptionOfType(CorruptFormatException.class)
        .isThrownBy(() -> format.open(Disks.sparse(content)))
        .withMessageStartingWith(message);
  }
}
