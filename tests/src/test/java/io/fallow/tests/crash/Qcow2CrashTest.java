package io.fallow.tests.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.HostFile;
import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Progress;
import io.fallow.image.Release;
import io.fallow.image.qcow2.Qcow2Image;
import io.fallow.image.raw.RawImage;
import io.fallow.testkit.CrashEnumerator;
import io.fallow.testkit.GuestBytes;
import io.fallow.testkit.OverlayFile;
import io.fallow.testkit.Qcow2Oracle;
import io.fallow.testkit.Qcow2Scenario;
import io.fallow.testkit.RecordingFile;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A power cut at any moment of a qcow2 image's release leaves at worst leaks, and the next run
 * reclaims them. The oracle shares no code with the product.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class Qcow2CrashTest {

  private static final int QEMU_SAMPLES_PER_CASE = 10;

  @TempDir private Path folder = Path.of("set by JUnit");

  private int total;

  static List<Qcow2Scenario> scenarios() {
    return Qcow2Scenario.all();
  }

  private static Qcow2Image open(HostFile file, byte[] backing) throws IOException {
    return Qcow2Image.open(
        file, (name, format) -> new RawImage(MemoryFile.of("base.raw", backing)));
  }

  /** A release, and what it said of itself. */
  private static Release release(HostFile file, Qcow2Scenario scenario) throws IOException {
    try (Qcow2Image image = open(file, scenario.backing())) {
      Release release = image.release(scenario.free());
      release.execute(Progress.NONE);
      return release;
    }
  }

  /** What the guest and each snapshot hold. */
  @SuppressWarnings("ArrayRecordComponent") // compared by no one
  private record Contents(byte[] guest, List<byte[]> snapshots) {

    static Contents of(Qcow2Oracle oracle, Qcow2Scenario scenario) {
      List<byte[]> snapshots = new ArrayList<>();
      for (int i = 0; i < scenario.snapshots(); i++) {
        snapshots.add(oracle.snapshot(i, scenario.backing()));
      }
      return new Contents(oracle.guest(scenario.backing()), snapshots);
    }

    void assertSnapshotsKept(Contents after) {
      for (int i = 0; i < snapshots.size(); i++) {
        assertThat(after.snapshots().get(i)).as("snapshot %d", i).isEqualTo(snapshots.get(i));
      }
    }
  }

  private static void assertSound(Qcow2Oracle oracle) {
    // Refcounts of a dirty image are worth nothing, as its bit says.
    if (!oracle.dirty()) {
      assertThat(oracle.corruptions()).isEmpty();
    }
  }

  /** All that a release owes once it ran to its end. */
  private static void assertComplete(
      HostFile file, Qcow2Scenario scenario, Contents before, ExtentSet released)
      throws IOException {
    Qcow2Oracle oracle = new Qcow2Oracle(file);
    Contents after = Contents.of(oracle, scenario);
    GuestBytes.assertReleased(before.guest(), after.guest(), released);
    before.assertSnapshotsKept(after);
    assertThat(oracle.dirty()).isFalse();
    assertThat(oracle.corruptions()).isEmpty();
    assertThat(oracle.leaks()).as("leaks").isZero();
    assertThat(oracle.freeTail()).as("free clusters at the end").isZero();
    long cluster = Math.ceilDiv(file.size(), (long) oracle.clusters());
    cluster = Long.highestOneBit(Math.max(1, cluster * 2 - 1));
    if (cluster >= MemoryFile.PAGE) {
      ExtentSet allocated = file.allocated(file.extent());
      for (int i = 0; i < oracle.clusters(); i++) {
        boolean takesSpace = allocated.overlaps(Extent.ofLength(i * cluster, cluster));
        assertThat(takesSpace && oracle.isFree(i)).as("host cluster %d is free", i).isFalse();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void everyCrashStateIsSound(Qcow2Scenario scenario) throws IOException {
    RecordingFile recording = new RecordingFile(scenario.file().copy());
    Contents before = Contents.of(new Qcow2Oracle(scenario.file()), scenario);
    Release release = release(recording, scenario);
    ExtentSet released = release.releasable();
    assertComplete(recording, scenario, before, released);
    int states =
        new CrashEnumerator(scenario.file(), recording.log(), scenario.samples(), 1)
            .forEach(state -> {
              Qcow2Oracle oracle = new Qcow2Oracle(state);
              assertSound(oracle);
              Contents after = Contents.of(oracle, scenario);
              GuestBytes.assertKept(before.guest(), after.guest(), released);
              before.assertSnapshotsKept(after);
              release(state, scenario);
              assertComplete(state, scenario, before, released);
            });
    // A version 2 image over a backing file keeps all it has, and is not changed at all.
    assertThat(states).isGreaterThanOrEqualTo(released.isEmpty() ? 1 : 100);
    total += states;
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void qemuAgreesOnASampleOfThem(Qcow2Scenario scenario) throws IOException {
    Tools.require("qemu-img");
    Files.write(folder.resolve("base.raw"), scenario.backing());
    RecordingFile recording = new RecordingFile(scenario.file().copy());
    release(recording, scenario);
    List<OverlayFile> states = new ArrayList<>();
    CrashEnumerator enumerator =
        new CrashEnumerator(scenario.file(), recording.log(), scenario.samples(), 1);
    int[] seen = {0};
    int count = enumerator.forEach(state -> seen[0]++);
    int step = Math.max(1, count / QEMU_SAMPLES_PER_CASE);
    seen[0] = 0;
    new CrashEnumerator(scenario.file(), recording.log(), scenario.samples(), 1)
        .forEach(state -> {
          if (seen[0]++ % step == 0) {
            states.add(state);
            assertQemuAgrees(state);
          }
        });
    assertThat(states).hasSizeGreaterThanOrEqualTo(Math.min(count, QEMU_SAMPLES_PER_CASE));
  }

  private void assertQemuAgrees(OverlayFile state) throws IOException {
    Path image = Files.write(folder.resolve("state.qcow2"), GuestBytes.of(state));
    Qcow2Oracle oracle = new Qcow2Oracle(state);
    Tools.Result check = Tools.attempt("qemu-img", "check", "-f", "qcow2", image.toString());
    int expected = !oracle.corruptions().isEmpty() ? 2 : oracle.leaks() > 0 ? 3 : 0;
    assertThat(check.exit()).as(check.all()).isEqualTo(expected);
    if (expected == 3) {
      assertThat(check.all())
          .contains(oracle.leaks() == 1 ? "1 leaked cluster" : oracle.leaks() + " leaked clusters");
    }
  }

  @Test
  void aFullRunIsIdempotent() throws IOException {
    for (Qcow2Scenario scenario : scenarios()) {
      MemoryFile file = scenario.file().copy();
      release(file, scenario);
      RecordingFile second = new RecordingFile(file);
      release(second, scenario);
      assertThat(second.log()).as("%s: changes by a second run", scenario).isEmpty();
    }
  }

  @AfterAll
  void manyStatesWereSeen() {
    assertThat(total).as("crash states in all").isGreaterThanOrEqualTo(20_000);
  }
}
