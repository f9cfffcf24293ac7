package io.fallow.tests.crash;

import static io.fallow.device.MemoryFile.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Progress;
import io.fallow.image.Release;
import io.fallow.image.raw.RawImage;
import io.fallow.testkit.CrashEnumerator;
import io.fallow.testkit.GuestBytes;
import io.fallow.testkit.Qcow2Builder;
import io.fallow.testkit.RecordingFile;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A power cut at any moment of a raw image's release costs no byte that was not free. */
final class RawCrashTest {

  private static final int PAGES = 128;

  private static ExtentSet randomFree(Random random) {
    ExtentSet.Builder free = ExtentSet.builder();
    for (int i = 0; i < 10; i++) {
      long start = random.nextInt(PAGES * PAGE / 512) * 512L;
      free.add(start, Math.min((long) PAGES * PAGE, start + random.nextInt(64) * 512L));
    }
    return free.build();
  }

  @Test
  void everyCrashStateKeepsWhatIsUsed() throws IOException {
    int states = 0;
    for (int seed = 0; seed < 10; seed++) {
      Random random = new Random(seed);
      MemoryFile initial = MemoryFile.of("disk.raw", Qcow2Builder.pattern(seed, PAGES * PAGE));
      initial.punch(new Extent(40 * PAGE, 50 * PAGE));
      byte[] before = GuestBytes.of(initial);
      ExtentSet free = randomFree(random);
      RecordingFile recording = new RecordingFile(initial.copy());
      Release release = new RawImage(recording).release(free);
      release.execute(Progress.NONE);
      GuestBytes.assertReleased(before, GuestBytes.of(recording), release.releasable());
      states +=
          new CrashEnumerator(initial, recording.log(), 250, seed)
              .forEach(state -> {
                GuestBytes.assertKept(before, GuestBytes.of(state), release.releasable());
                new RawImage(state).release(free).execute(Progress.NONE);
                GuestBytes.assertReleased(before, GuestBytes.of(state), release.releasable());
                assertThat(state.allocatedBytes()).isEqualTo(recording.allocatedBytes());
              });
    }
    assertThat(states).isGreaterThanOrEqualTo(3_000);
  }
}
