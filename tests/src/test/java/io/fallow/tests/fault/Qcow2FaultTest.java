package io.fallow.tests.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.HostException;
import io.fallow.device.HostFile;
import io.fallow.device.MemoryFile;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Progress;
import io.fallow.image.Release;
import io.fallow.image.qcow2.Qcow2Image;
import io.fallow.image.raw.RawImage;
import io.fallow.testkit.FaultyFile;
import io.fallow.testkit.GuestBytes;
import io.fallow.testkit.Qcow2Oracle;
import io.fallow.testkit.Qcow2Scenario;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A host call that fails stops a qcow2 image's release at once: the image stays valid, at worst
 * with leaks, and the next run reclaims them.
 */
final class Qcow2FaultTest {

  static List<Qcow2Scenario> scenarios() {
    return Qcow2Scenario.all();
  }

  private static Release release(HostFile file, Qcow2Scenario scenario) throws IOException {
    try (Qcow2Image image =
        Qcow2Image.open(
            file, (name, format) -> new RawImage(MemoryFile.of("base.raw", scenario.backing())))) {
      Release release = image.release(scenario.free());
      release.execute(Progress.NONE);
      return release;
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void everyCallFailsOnceWithEio(Qcow2Scenario scenario) throws IOException {
    everyCallFailsOnce(scenario, HostException.EIO, false);
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void everyCallFailsOnceWithEnospc(Qcow2Scenario scenario) throws IOException {
    everyCallFailsOnce(scenario, HostException.ENOSPC, false);
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void everyCallFailsOnceHalfDone(Qcow2Scenario scenario) throws IOException {
    everyCallFailsOnce(scenario, HostException.EIO, true);
  }

  private static void everyCallFailsOnce(Qcow2Scenario scenario, int errno, boolean partly)
      throws IOException {
    Qcow2Oracle initial = new Qcow2Oracle(scenario.file());
    byte[] before = initial.guest(scenario.backing());
    ExtentSet released = release(scenario.file().copy(), scenario).releasable();
    var fault = new FaultyFile.Fault(EnumSet.allOf(FaultyFile.Call.class), 0, errno, partly);
    int failed =
        FaultyFile.everyCall(
            fault,
            at -> {
              MemoryFile memory = scenario.file().copy();
              FaultyFile file = new FaultyFile(memory, at);
              try {
                release(file, scenario);
                assertThat(file.thrown()).as("a failure was swallowed").isNull();
              } catch (HostException e) {
                assertThat(e).isSameAs(file.thrown());
              }
              assertThat(file.changesAfter()).as("changes after the failure").isZero();
              assertKept(memory, scenario, initial, before, released);
              release(memory, scenario);
              Qcow2Oracle after = new Qcow2Oracle(memory);
              assertThat(after.corruptions()).isEmpty();
              assertThat(after.leaks()).isZero();
              GuestBytes.assertReleased(before, after.guest(scenario.backing()), released);
              return file;
            });
    assertThat(failed).isGreaterThan(5);
  }

  private static void assertKept(
      MemoryFile memory,
      Qcow2Scenario scenario,
      Qcow2Oracle initial,
      byte[] before,
      ExtentSet released)
      throws IOException {
    Qcow2Oracle oracle = new Qcow2Oracle(memory);
    if (!oracle.dirty()) {
      assertThat(oracle.corruptions()).isEmpty();
    }
    GuestBytes.assertKept(before, oracle.guest(scenario.backing()), released);
    for (int i = 0; i < scenario.snapshots(); i++) {
      assertThat(oracle.snapshot(i, scenario.backing()))
          .isEqualTo(initial.snapshot(i, scenario.backing()));
    }
  }
}
