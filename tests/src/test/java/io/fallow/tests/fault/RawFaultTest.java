package io.fallow.tests.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.HostException;
import io.fallow.device.MemoryFile;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Progress;
import io.fallow.image.raw.RawImage;
import io.fallow.testkit.FaultyFile;
import io.fallow.testkit.GuestBytes;
import io.fallow.testkit.Qcow2Builder;
import java.io.IOException;
import java.util.EnumSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A host call that fails stops a raw image's release at once, and costs nothing. */
final class RawFaultTest {

  @ParameterizedTest
  @CsvSource({"5,false", "5,true", "28,false", "95,false"})
  void everyCallFailsOnce(int errno, boolean partly) throws IOException {
    ExtentSet free =
        ExtentSet.builder().add(4096, 16_384).add(20_480, 24_576).add(40_960, 65_536).build();
    MemoryFile initial = MemoryFile.of("disk.raw", Qcow2Builder.pattern(1, 65_536));
    byte[] before = GuestBytes.of(initial);
    var fault = new FaultyFile.Fault(EnumSet.allOf(FaultyFile.Call.class), 0, errno, partly);
    int failed =
        FaultyFile.everyCall(
            fault,
            at -> {
              MemoryFile memory = initial.copy();
              FaultyFile file = new FaultyFile(memory, at);
              try (RawImage image = new RawImage(file)) {
                image.release(free).execute(Progress.NONE);
              } catch (HostException e) {
                assertThat(e).isSameAs(file.thrown());
              }
              assertThat(file.changesAfter()).isZero();
              GuestBytes.assertKept(before, GuestBytes.of(memory), free);
              new RawImage(memory).release(free).execute(Progress.NONE);
              GuestBytes.assertReleased(before, GuestBytes.of(memory), free);
              return file;
            });
    assertThat(failed).as("one listing, three punches, one flush").isEqualTo(5);
  }
}
