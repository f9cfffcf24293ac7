package io.fallow.image.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.MemoryFile;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The check counts what qemu-img check counts, and names what is wrong. */
class Qcow2CheckTest {

  @ParameterizedTest
  @CsvSource({
    "v3, 513, 126, 0",
    "v2, 512, 125, 0",
    "zlib, 64, 9, 5",
    "zstd, 64, 5, 5",
    "snapshots, 1024, 144, 0",
  })
  void countsClusters(String name, long total, long allocated, long compressed) throws IOException {
    MemoryFile file = Images.load(name);
    CheckResult result = Images.open(file).check();
    assertThat(result.totalClusters()).isEqualTo(total);
    assertThat(result.allocatedClusters()).isEqualTo(allocated);
    assertThat(result.compressedClusters()).isEqualTo(compressed);
    assertThat(result.leaks()).isZero();
    assertThat(result.corruptions()).isZero();
    assertThat(result.findings()).isEmpty();
    assertThat(result.imageEndOffset()).isGreaterThan(0).isLessThanOrEqualTo(file.size() + 65535);
  }

  @Test
  void readsNoFileData() throws IOException {
    ScriptedFile file = ScriptedFile.recording(Images.load("v3"));
    Qcow2Image.open(file, BackingOpener.none()).release(ExtentSet.of(0, 2 << 20));
    // Header, refcount table and block, L1 table, and at most two L2 tables.
    assertThat(file.bytesRead()).isLessThan(8 * 4096);
    assertThat(file.changes()).isEmpty();
  }

  @Test
  void countsALeak() throws IOException {
    MemoryFile file = Images.load("v3");
    Images.putU64(file, Images.entryAt(file, 8 << 10), 0);
    CheckResult result = Images.open(file).check();
    assertThat(result.leaks()).isEqualTo(1);
    assertThat(result.corruptions()).isZero();
    assertThat(result.findings().getFirst().reason())
        .isEqualTo("refcount is 1, and there are 0 references");
  }

  @Test
  void refusesToReleaseWhereTwoEntriesShareACluster() throws IOException {
    MemoryFile file = Images.load("v3");
    long first = Images.entryAt(file, 0);
    Images.putU64(file, first + 8, Images.u64(file, first));
    refused(file, "refcount is 1, and there are 2 references");
  }

  @Test
  void refusesAnEntryThatNamesMetadata() throws IOException {
    MemoryFile file = Images.load("v3");
    Qcow2Header header = Qcow2Header.read(file);
    Images.putU64(file, Images.entryAt(file, 0), header.l1TableOffset() | Qcow2.COPIED);
    refused(file, "names a cluster that holds metadata, at 0x%x".formatted(header.l1TableOffset()));
  }

  @Test
  void refusesAnEntryBeyondTheEnd() throws IOException {
    MemoryFile file = Images.load("v3");
    Images.putU64(file, Images.entryAt(file, 0), 1L << 40 | Qcow2.COPIED);
    refused(file, "L2 entry 0x8000010000000000 names clusters beyond the file's end");
  }

  @Test
  void refusesAnEntryThatIsNotAligned() throws IOException {
    MemoryFile file = Images.load("v3");
    long at = Images.entryAt(file, 0);
    Images.putU64(file, at, Images.u64(file, at) + 512);
    refused(file, "has a host offset that is not a multiple of the cluster size");
  }

  @Test
  void refusesAStaleCopiedFlag() throws IOException {
    MemoryFile file = Images.load("v3");
    long at = Images.entryAt(file, 0);
    Images.putU64(file, at, Images.u64(file, at) & ~Qcow2.COPIED);
    refused(file, "has the copied flag clear, but the refcount is 1");
  }

  @Test
  void refusesAZeroFlagInVersion2() throws IOException {
    MemoryFile file = Images.load("v2");
    long at = Images.entryAt(file, 0);
    Images.putU64(file, at, Images.u64(file, at) | 1);
    refused(file, "has reserved bits set");
  }

  @Test
  void refusesARefcountBlockThatIsTheL1Table() throws IOException {
    MemoryFile file = Images.load("v3");
    Qcow2Header header = Qcow2Header.read(file);
    Images.putU64(file, header.refcountTableOffset() + 8, header.l1TableOffset());
    refused(file, "refcount block overlaps other metadata");
  }

  @Test
  void refusesAnImageMarkedCorruptAndStillReadsIt() throws IOException {
    MemoryFile file = Images.load("v3");
    file.write(0x4F, MemorySegment.ofArray(new byte[] {2}));
    assertThat(Images.bytes(Images.open(file).guest(), 0, 512)).containsOnly(17);
    refused(file, "incompatible_features has the corrupt bit set");
  }

  @Test
  void survivesAnEnormousSparseFile() throws IOException {
    MemoryFile file = Images.load("v3");
    file.resize(1L << 42);
    CheckResult result = Images.open(file).check();
    assertThat(result.corruptions()).isZero();
    assertThat(Images.open(file).release(ExtentSet.empty()).hostBytes()).isZero();
  }

  @Test
  void passesOverTablesThatAreHoles() throws IOException {
    MemoryFile file = Images.load("v3");
    int entries = 1 << 19;
    long l1 = 1L << 30;
    Images.putU64(file, 0x18, (long) entries << 21);
    Images.putU32(file, 0x24, entries);
    Images.putU64(file, 0x28, l1);
    file.resize(1L << 34);
    byte[] table = new byte[entries * 8];
    LongBuffer tables = ByteBuffer.wrap(table).asLongBuffer();
    for (int i = 0; i < entries; i++) {
      tables.put((1L << 32) + ((long) i << 12));
    }
    file.write(l1, MemorySegment.ofArray(table));
    ScriptedFile counted = ScriptedFile.recording(file);
    Qcow2Image image = Qcow2Image.open(counted, BackingOpener.none());
    assertThat(image.check().corruptions()).isPositive();
    assertThat(image.guest().allocated(image.guest().extent()).isEmpty()).isTrue();
    assertThat(counted.bytesRead()).isLessThan(64 << 20);
  }

  private static void refused(MemoryFile file, String reason) throws IOException {
    Qcow2Image image = Images.open(file);
    assertThatThrownBy(() -> image.release(ExtentSet.of(0, 4096)))
        .isInstanceOf(CorruptFormatException.class)
        .hasMessageContaining(reason);
  }
}
