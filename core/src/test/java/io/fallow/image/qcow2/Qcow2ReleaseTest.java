package io.fallow.image.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fallow.device.HostException;
import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Progress;
import io.fallow.image.Release;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A release frees what it says, keeps all else, and leaves a valid image wherever it stops. */
class Qcow2ReleaseTest {

  @ParameterizedTest
  @ValueSource(strings = {"v3", "v2", "zlib", "zstd", "snapshots", "dirty"})
  void freesWhatItSaysAndKeepsTheRest(String name) throws IOException {
    Random random = new Random(42);
    for (int round = 0; round < 40; round++) {
      MemoryFile file = Images.load(name);
      Qcow2Image image = Images.open(file);
      byte[] expected = Images.guest(image);
      ExtentSet free = randomSet(random, expected.length);
      Release release = image.release(free);
      assertPartition(free, release);
      release.execute(Progress.NONE);
      release
          .releasable()
          .forEachRun((start, end) -> Arrays.fill(expected, (int) start, (int) end, (byte) 0));
      assertThat(Images.guest(image)).isEqualTo(expected);
      assertThat(Images.guest(Images.open(file))).isEqualTo(expected);
      if (!image.header().dirty()) {
        assertClean(Images.open(file).check(), release);
      }
      assertThat(image.release(free).releasable().isEmpty()).isTrue();
      assertThat(image.release(free).hostBytes()).isZero();
    }
  }

  @Test
  void makesZeroClustersInVersion3() throws IOException {
    MemoryFile file = Images.load("v3");
    release(file, ExtentSet.of(0, 8192));
    assertThat(Images.u64(file, Images.entryAt(file, 0))).isEqualTo(1);
    assertThat(Images.u64(file, Images.entryAt(file, 8192))).isNotEqualTo(1);
  }

  @Test
  void makesUnallocatedClustersInVersion2() throws IOException {
    MemoryFile file = Images.load("v2");
    release(file, ExtentSet.of(0, 8192));
    assertThat(Images.u64(file, Images.entryAt(file, 0))).isZero();
  }

  @Test
  void keepsAVersion2OverlayAsItIs() throws IOException {
    MemoryFile file = Images.load("v2");
    file.write(2048, MemorySegment.ofArray(new byte[] {'b'}));
    Images.putU64(file, 0x08, 2048);
    Images.putU32(file, 0x10, 1);
    Release release = Images.open(file).release(ExtentSet.of(0, 8192));
    assertThat(release.releasable().isEmpty()).isTrue();
    assertThat(release.held())
        .containsEntry("the backing file (version 2 has no zero flag)", ExtentSet.of(0, 8192));
  }

  @Test
  void leavesClustersThatOnlyTheBackingFileHolds() throws IOException {
    MemoryFile file = Qcow2GuestTest.overlay("base", 1 << 20);
    Release release = Images.open(file).release(ExtentSet.of(296 << 10, 600 << 10));
    assertThat(release.releasable()).isEqualTo(ExtentSet.of(296 << 10, 300 << 10));
    assertThat(release.holes()).isEqualTo(ExtentSet.of(300 << 10, 600 << 10));
    release.execute(Progress.NONE);
    assertThat(Images.u64(file, Images.entryAt(file, 296 << 10))).isEqualTo(1);
    assertThat(Images.u64(file, Images.entryAt(file, 300 << 10))).isZero();
  }

  @Test
  void losesWhatIsFreeInPartOnly() throws IOException {
    Release release = Images.open(Images.load("v3")).release(ExtentSet.of(1024, 9000));
    assertThat(release.lost())
        .isEqualTo(ExtentSet.builder().add(1024, 4096).add(8192, 9000).build());
    assertThat(release.releasable()).isEqualTo(ExtentSet.of(4096, 8192));
  }

  @Test
  void takesTheLastClusterAsWholeAtTheEndOfTheDisk() throws IOException {
    Release release =
        Images.open(Images.load("v3")).release(ExtentSet.of(2 << 20, (2 << 20) + 512));
    assertThat(release.releasable()).isEqualTo(ExtentSet.of(2 << 20, (2 << 20) + 512));
    assertThat(release.lost().isEmpty()).isTrue();
  }

  @Test
  void namesTheSnapshotsThatHoldSpace() throws IOException {
    Release release = Images.open(Images.load("snapshots")).release(ExtentSet.of(0, 4 << 20));
    assertThat(release.held())
        .containsEntry(
            "snapshot first, second",
            ExtentSet.builder().add(0, 128 << 10).add(3 << 20, (3 << 20) + (128 << 10)).build())
        .containsEntry(
            "snapshot second",
            ExtentSet.builder().add(128 << 10, 192 << 10).add(256 << 10, 384 << 10).build());
    assertThat(release.releasable())
        .isEqualTo(
            ExtentSet.builder()
                .add(192 << 10, 256 << 10)
                .add(1 << 20, (1 << 20) + (64 << 10))
                .build());
  }

  @Test
  void punchesACompressedHostClusterWithItsLastUser() throws IOException {
    MemoryFile file = Images.load("zlib");
    Qcow2Image image = Images.open(file);
    long host = Images.u64(file, Images.entryAt(file, 0)) & (1L << 54) - 1;
    long hostCluster = host / 16384 * 16384;
    image.release(ExtentSet.of(0, 64 << 10)).execute(Progress.NONE);
    assertThat(Images.bytes(file, host, 8)).isNotEqualTo(new byte[8]);
    assertThat(Images.bytes(image.guest(), 80 << 10, 512)).containsOnly(81);
    image.release(ExtentSet.of(80 << 10, 96 << 10)).execute(Progress.NONE);
    assertThat(file.allocated(new Extent(hostCluster, hostCluster + 16384)).isEmpty()).isTrue();
  }

  @Test
  void reclaimsLeaksAndFreeClustersThatStillTakeSpace() throws IOException {
    MemoryFile file = Images.load("v3");
    long entry = Images.entryAt(file, 0);
    long host = Images.u64(file, entry) & Qcow2.OFFSET_MASK;
    Images.putU64(file, entry, 0);
    long end = file.size();
    file.write(end, MemorySegment.ofArray(new byte[8192]));
    Release release = Images.open(file).release(ExtentSet.empty());
    assertThat(release.unownedBytes()).isEqualTo(4096 + 8192);
    release.execute(Progress.NONE);
    assertThat(file.size()).isEqualTo(end);
    assertThat(file.allocated(new Extent(host, host + 4096)).isEmpty()).isTrue();
    assertThat(Images.open(file).check().leaks()).isZero();
  }

  @Test
  void keepsLeaksThatAnUnknownExtensionMayOwn() throws IOException {
    MemoryFile file = Images.load("v3");
    Images.putU64(file, Images.entryAt(file, 0), 0);
    Images.putU32(file, 112, 0x12345678);
    Images.putU32(file, 116, 0);
    Images.open(file).release(ExtentSet.of(4096, 8192)).execute(Progress.NONE);
    assertThat(Images.open(file).check().leaks()).isEqualTo(1);
  }

  @Test
  void mendsTheRefcountsOfADirtyImageFirst() throws IOException {
    MemoryFile file = Images.load("dirty");
    Qcow2Image image = Images.open(file);
    assertThat(image.header().dirty()).isTrue();
    assertThat(image.check().corruptions()).isEqualTo(32);
    image.release(ExtentSet.of(0, 4096)).execute(Progress.NONE);
    assertThat(image.header().dirty()).isFalse();
    assertThat(image.check().corruptions()).isZero();
  }

  @Test
  void clearsUnknownAutoclearFeatures() throws IOException {
    MemoryFile file = Images.load("v3");
    Images.putU64(file, 0x58, 1L << 40);
    release(file, ExtentSet.of(0, 4096));
    assertThat(Images.u64(file, 0x58)).isZero();
  }

  @Test
  void keepsToTheOrderThatIsSafe() throws IOException {
    ScriptedFile file = ScriptedFile.recording(Images.load("v3"));
    Qcow2Image image = Qcow2Image.open(file, BackingOpener.none());
    image.release(ExtentSet.of(0, 2 << 20)).execute(Progress.NONE);
    assertThat(String.join(" ", file.changes()))
        .matches("(write )+flush (write )+flush (punch )+flush( resize flush)?");
  }

  @Test
  void changesNothingWhereNothingIsFree() throws IOException {
    ScriptedFile file = ScriptedFile.recording(Images.load("v3"));
    Qcow2Image.open(file, BackingOpener.none()).release(ExtentSet.empty()).execute(Progress.NONE);
    assertThat(file.changes()).isEmpty();
  }

  @Test
  void plansForAFileThatCannotBeWrittenAndExecutesNothing() throws IOException {
    ScriptedFile file = new ScriptedFile(Images.load("v3"), false, 0);
    Release release = Qcow2Image.open(file, BackingOpener.none()).release(ExtentSet.of(0, 4096));
    assertThat(release.releasable()).isEqualTo(ExtentSet.of(0, 4096));
    assertThatThrownBy(() -> release.execute(Progress.NONE)).isInstanceOf(HostException.class);
    assertThat(file.changes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"v3", "v2", "zlib", "snapshots", "dirty"})
  void leavesAValidImageWhereverTheHostFails(String name) throws IOException {
    byte[] before = Images.guest(Images.open(Images.load(name)));
    ExtentSet free = ExtentSet.builder().add(0, 150 << 10).add(200 << 10, 1 << 20).build();
    for (int failAt = 0; ; failAt++) {
      MemoryFile memory = Images.load(name);
      ScriptedFile file = new ScriptedFile(memory, true, failAt);
      Release release = Qcow2Image.open(file, BackingOpener.none()).release(free);
      try {
        release.execute(Progress.NONE);
        assertThat(failAt).isGreaterThan(4);
        return;
      } catch (HostException e) {
        assertThat(e.errno()).isEqualTo(HostException.EIO);
      }
      Qcow2Image after = Images.open(memory);
      assertThat(after.header().dirty() || after.check().corruptions() == 0).isTrue();
      byte[] now = Images.guest(after);
      for (int i = 0; i < now.length; i++) {
        if (now[i] != before[i] && !(now[i] == 0 && release.releasable().contains(i))) {
          throw new AssertionError("byte %d changed, failing at %d".formatted(i, failAt));
        }
      }
      after.release(free).execute(Progress.NONE);
      assertClean(Images.open(memory).check(), release);
    }
  }

  private static void release(MemoryFile file, ExtentSet free) throws IOException {
    Images.open(file).release(free).execute(Progress.NONE);
  }

  private static ExtentSet randomSet(Random random, int size) {
    ExtentSet.Builder builder = ExtentSet.builder();
    for (int i = random.nextInt(6); i >= 0; i--) {
      int start = random.nextInt(size);
      builder.add(start, Math.min(size, start + random.nextInt(size / 2)));
    }
    return random.nextInt(8) == 0 ? ExtentSet.of(0, size) : builder.build();
  }

  private static void assertPartition(ExtentSet free, Release release) {
    ExtentSet all = release.releasable().union(release.holes()).union(release.lost());
    long total = release.releasable().total() + release.holes().total() + release.lost().total();
    for (ExtentSet set : release.held().values()) {
      all = all.union(set);
      total += set.total();
    }
    assertThat(all).isEqualTo(free);
    assertThat(total).isEqualTo(free.total());
  }

  private static void assertClean(CheckResult result, Release release) {
    assertThat(result.corruptions()).isZero();
    assertThat(release.unownedBytes()).isLessThanOrEqualTo(release.hostBytes());
    assertThat(result.leaks()).isZero();
  }
}
