package io.fallow.volume.gpt;

import static io.fallow.volume.Disks.SECTOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.groups.Tuple.tuple;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.format.Content;
import io.fallow.format.Layer;
import io.fallow.format.Refusal;
import io.fallow.format.Refused;
import io.fallow.volume.Disks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GptFormatTest {

  private static final int PRIMARY = SECTOR;
  private static final int BACKUP = 8191 * SECTOR;
  private static final int ARRAY = 2 * SECTOR;
  private static final int BACKUP_ARRAY = 8159 * SECTOR;

  private final GptFormat format = new GptFormat();

  @ParameterizedTest
  @ValueSource(strings = {"gpt", "grown"})
  void readsWhatSfdiskWrote(String fixture) throws IOException {
    MemoryFile disk = Disks.disk(fixture);
    assertThat(format.recognise(disk)).contains("gpt");
    Layer layer = (Layer) format.open(disk);
    assertThat(layer.children())
        .extracting(Layer.Child::name, Layer.Child::place, Layer.Child::known)
        .containsExactly(
            tuple("1", sectors(34, 40), "bios-boot"),
            tuple("2", sectors(2048, 4096), ""),
            tuple("3", sectors(4096, 5120), ""));
    assertThat(layer.children().get(1).device().name()).isEqualTo("disk:gpt/2");
  }

  @Test
  void acceptsHybridMbrThatAgrees() throws IOException {
    Layer layer = (Layer) format.open(Disks.disk("hybrid"));
    assertThat(layer.children()).hasSize(2);
  }

  @Test
  void refusesHybridMbrThatDisagrees() {
    byte[] content = Disks.bytes("hybrid");
    Disks.edit(content).putInt(0x1CE + 8, 2049);
    assertCorrupt(content, "disk at 0x1be: a hybrid MBR has a partition of type 83 at sector 2049");
  }

  @Test
  void reads4096ByteSectors() throws IOException {
    byte[] content = with4096ByteSectors();
    MemoryFile disk = Disks.sparse(content);
    assertThat(format.recognise(disk)).contains("gpt");
    Layer layer = (Layer) format.open(disk);
    assertThat(layer.children())
        .extracting(Layer.Child::place)
        .containsExactly(new Extent(256 * 4096, 512 * 4096));
  }

  @Test
  void refusesHeadersOfBothSectorSizes() throws IOException {
    byte[] content = with4096ByteSectors();
    System.arraycopy(content, 4096, content, 512, 512);
    Content opened = format.open(Disks.sparse(content));
    assertThat(opened)
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.refusal().kind()).isEqualTo(Refusal.Kind.AMBIGUOUS));
  }

  /** Each row changes one field of the primary header, whose checksum is mended. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0x08 | 0x20000    | 0x208: Revision 0x00020000 is not 1.0
          0x18 | 2          | 0x218: MyLBA is 2, expected 1
          0x20 | 8192       | 0x220: AlternateLBA 8192 is not in 1..8191
          0x20 | 1          | 0x220: AlternateLBA 1 is not in 1..8191
          0x28 | 1          | 0x228: FirstUsableLBA 1 and LastUsableLBA 8158 are not in 2..8190
          0x30 | 8191       | 0x228: FirstUsableLBA 34 and LastUsableLBA 8191 are not in 2..8190
          0x48 | 1          | 0x248: PartitionEntryLBA 1 puts the array outside the disk
          0x48 | 100        | 0x248: PartitionEntryLBA 100 puts the array over usable blocks
          0x50 | 0          | 0x250: NumberOfPartitionEntries is 0
          0x50 | 8193       | 0x250: NumberOfPartitionEntries is 8193
          0x54 | 64         | 0x254: SizeOfPartitionEntry 64 is not 128 times a power of two
          0x54 | 129        | 0x254: SizeOfPartitionEntry 129 is not 128 times a power of two
          0x38 | 7          | 0x3ffe00: the backup GPT header does not agree with the primary one
          """)
  void refusesBadHeaderField(String at, String value, String message) {
    byte[] content = Disks.bytes("gpt");
    int offset = PRIMARY + Integer.decode(at);
    boolean isLong = Integer.decode(at) >= 0x18 && Integer.decode(at) < 0x50;
    ByteBuffer disk = Disks.edit(content);
    if (isLong) {
      disk.putLong(offset, Long.decode(value));
    } else {
      disk.putInt(offset, Integer.decode(value));
    }
    Disks.sealGpt(content, PRIMARY, SECTOR);
    assertCorrupt(content, "disk at " + message);
  }

  @Test
  void refusesHeaderSizeOutOfRange() {
    byte[] content = Disks.bytes("gpt");
    Disks.edit(content).putInt(PRIMARY + 0x0C, 513);
    assertCorrupt(content, "disk at 0x20c: HeaderSize 513 is not in 92..512");
  }

  @ParameterizedTest
  @ValueSource(ints = {PRIMARY, BACKUP})
  void refusesOneBadHeaderChecksum(int header) {
    byte[] content = Disks.bytes("gpt");
    content[header + 0x38] ^= 1;
    assertCorrupt(content, "disk at 0x%x: HeaderCRC32 is 0x".formatted(header + 0x10));
  }

  @ParameterizedTest
  @ValueSource(ints = {ARRAY, BACKUP_ARRAY})
  void refusesOneBadArray(int array) {
    byte[] content = Disks.bytes("gpt");
    content[array + 0x38] ^= 1;
    assertCorrupt(content, "disk at 0x%x: PartitionEntryArrayCRC32 is 0x".formatted(array));
  }

  @ParameterizedTest
  @ValueSource(ints = {PRIMARY, BACKUP})
  void refusesOneMissingHeader(int header) throws IOException {
    byte[] content = Disks.bytes("gpt");
    content[header] = 0;
    assertThat(format.recognise(Disks.sparse(content))).contains("gpt");
    assertCorrupt(content, "disk at 0x%x: Signature is not EFI PART".formatted(header));
  }

  @Test
  void refusesOverlappingPartitions() {
    assertCorrupt(
        withEntries(disk -> disk.putLong(ARRAY + 2 * 128 + 0x20, 4095)),
        "disk at 0x520: partitions 2 and 3 overlap from block 4095 on");
  }

  @Test
  void refusesPartitionsOutsideTheUsableBlocks() {
    assertCorrupt(
        withEntries(disk -> disk.putLong(ARRAY + 2 * 128 + 0x28, 8159)),
        "disk at 0x520: partition 3 has StartingLBA 4096 and EndingLBA 8159, not within the usable"
            + " 34..8158");
    assertCorrupt(
        withEntries(disk -> disk.putLong(ARRAY + 0x20, 33)),
        "disk at 0x420: partition 1 has StartingLBA 33");
    assertCorrupt(
        withEntries(disk -> disk.putLong(ARRAY + 0x20, 41)),
        "disk at 0x420: partition 1 has StartingLBA 41 and EndingLBA 39");
    assertCorrupt(
        withEntries(disk -> disk.putLong(ARRAY + 0x20, -1)),
        "disk at 0x420: 64-bit number 0xffffffffffffffff is absurdly large");
  }

  @Test
  void refusesWithoutProtectiveMbr() {
    byte[] unsigned = Disks.bytes("gpt");
    unsigned[510] = 0;
    assertCorrupt(unsigned, "disk at 0x1fe: the GPT has no protective MBR before it");
    byte[] elsewhere = Disks.bytes("gpt");
    Disks.edit(elsewhere).putInt(0x1BE + 8, 2);
    assertCorrupt(
        elsewhere,
        "disk at 0x1be: the MBR before the GPT has no entry of type ee that starts at sector 1");
  }

  @Test
  void refusesTruncatedDisk() {
    byte[] content = Arrays.copyOf(Disks.bytes("gpt"), 3 << 20);
    assertCorrupt(content, "disk at 0x220: AlternateLBA 8191 is not in 1..6143");
  }

  @Test
  void isNoOtherDisk() throws IOException {
    assertThat(format.recognise(Disks.disk("mbr"))).isEqualTo(Optional.empty());
    assertThat(format.recognise(new MemoryFile("disk", 0))).isEmpty();
    assertThat(format.recognise(new MemoryFile("disk", 1 << 20))).isEmpty();
  }

  @Test
  void releasesOnlyWithinPartitions() throws IOException {
    Layer layer = (Layer) format.open(Disks.disk("gpt"));
    ExtentSet all = ExtentSet.of(0, Long.MAX_VALUE);
    ExtentSet second = ExtentSet.of(SECTOR, 2 * SECTOR);
    ExtentSet released = layer.release(List.of(ExtentSet.empty(), second, all));
    assertThat(released)
        .isEqualTo(ExtentSet.of(sectors(2049, 2050)).union(ExtentSet.of(sectors(4096, 5120))));
  }

  private static Extent sectors(long start, long end) {
    return new Extent(start * SECTOR, end * SECTOR);
  }

  /** The fixture with a change to the entries, made in both copies. */
  private static byte[] withEntries(Consumer<ByteBuffer> change) {
    byte[] content = Disks.bytes("gpt");
    change.accept(Disks.edit(content));
    System.arraycopy(content, ARRAY, content, BACKUP_ARRAY, 128 * 128);
    Disks.sealGpt(content, PRIMARY, SECTOR);
    Disks.sealGpt(content, BACKUP, SECTOR);
    return content;
  }

  /** The fixture's second partition on a disk of the same tables with sectors of 4096 bytes. */
  private static byte[] with4096ByteSectors() {
    byte[] small = Disks.bytes("gpt");
    byte[] content = new byte[8 << 20];
    int last = content.length / 4096 - 1;
    System.arraycopy(small, 0, content, 0, 512);
    System.arraycopy(small, PRIMARY, content, 4096, 512);
    System.arraycopy(small, ARRAY + 128, content, 2 * 4096, 128);
    ByteBuffer disk = Disks.edit(content);
    disk.putLong(2 * 4096 + 0x20, 256).putLong(2 * 4096 + 0x28, 511);
    disk.putLong(4096 + 0x20, last).putLong(4096 + 0x28, 6).putLong(4096 + 0x30, last - 5);
    System.arraycopy(content, 2 * 4096, content, (last - 4) * 4096, 4 * 4096);
    System.arraycopy(content, 4096, content, last * 4096, 512);
    disk.putLong(last * 4096 + 0x18, last).putLong(last * 4096 + 0x20, 1);
    disk.putLong(last * 4096 + 0x48, last - 4);
    Disks.sealGpt(content, 4096, 4096);
    Disks.sealGpt(content, last * 4096, 4096);
    return content;
  }

  private void assertCorrupt(byte[] content, String message) {
    assertThatExceptionOfType(CorruptFormatException.class)
        .isThrownBy(() -> format.open(Disks.sparse(content)))
        .withMessageStartingWith(message);
  }
}
