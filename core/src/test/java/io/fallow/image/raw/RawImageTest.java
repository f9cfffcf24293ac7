package io.fallow.image.raw;

import static io.fallow.device.MemoryFile.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Progress;
import io.fallow.image.Release;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RawImageTest {

  private static final int PAGES = 16;

  private static byte[] content(MemoryFile file) throws IOException {
    byte[] bytes = new byte[(int) file.size()];
    file.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static MemoryFile full() {
    byte[] bytes = new byte[PAGES * PAGE];
    Arrays.fill(bytes, (byte) 0xA5);
    return MemoryFile.of("disk.raw", bytes);
  }

  @Test
  void putsEveryFreeByteIntoOneSet() throws IOException {
    MemoryFile file = full();
    file.punch(new Extent(4 * PAGE, 6 * PAGE));
    try (RawImage image = new RawImage(file)) {
      Release release = image.release(ExtentSet.of(PAGE + 512, 9 * PAGE + 512));
      assertThat(release.holes()).isEqualTo(ExtentSet.of(4 * PAGE, 6 * PAGE));
      assertThat(release.releasable())
          .isEqualTo(ExtentSet.builder().add(2 * PAGE, 4 * PAGE).add(6 * PAGE, 9 * PAGE).build());
      assertThat(release.lost())
          .isEqualTo(
              ExtentSet.builder().add(PAGE + 512, 2 * PAGE).add(9 * PAGE, 9 * PAGE + 512).build());
      assertThat(release.held()).isEmpty();
      assertThat(release.hostBytes()).isEqualTo(5 * PAGE);
      assertThat(release.unownedBytes()).isZero();
    }
  }

  @Test
  void freeBytesBeyondTheDiskAreIgnored() throws IOException {
    try (RawImage image = new RawImage(full())) {
      Release release = image.release(ExtentSet.of(15 * PAGE, Long.MAX_VALUE));
      assertThat(release.releasable()).isEqualTo(ExtentSet.of(15 * PAGE, 16 * PAGE));
      assertThat(release.lost().isEmpty()).isTrue();
    }
  }

  @Test
  void punchesWhatItPromisedAndNothingElse() throws IOException {
    Random random = new Random(3);
    for (int round = 0; round < 300; round++) {
      MemoryFile file = full();
      ExtentSet.Builder free = ExtentSet.builder();
      for (int i = 0; i < 6; i++) {
        long start = random.nextInt(PAGES * PAGE / 512) * 512L;
        free.add(start, Math.min(PAGES * PAGE, start + random.nextInt(64) * 512L));
        long hole = random.nextInt(PAGES) * (long) PAGE;
        file.punch(new Extent(hole, hole + PAGE));
      }
      byte[] expected = content(file);
      long before = file.allocatedBytes();
      try (RawImage image = new RawImage(file)) {
        ExtentSet set = free.build();
        Release release = image.release(set);
        assertThat(release.releasable().union(release.holes()).union(release.lost()))
            .isEqualTo(set);
        assertThat(release.releasable().total() + release.holes().total() + release.lost().total())
            .isEqualTo(set.total());
        release.execute(Progress.NONE);
        release
            .releasable()
            .forEach(run -> Arrays.fill(expected, (int) run.start(), (int) run.end(), (byte) 0));
        assertThat(content(file)).isEqualTo(expected);
        assertThat(before - file.allocatedBytes()).isEqualTo(release.hostBytes());
        assertThat(image.release(set).releasable().isEmpty()).isTrue();
      }
    }
  }

  @Test
  void progressEndsAtTheTotal() throws IOException {
    List<Long> seen = new ArrayList<>();
    try (RawImage image = new RawImage(full())) {
      ExtentSet free = ExtentSet.builder().add(0, PAGE).add(3 * PAGE, 5 * PAGE).build();
      image
          .release(free)
          .execute((step, done, total) -> {
            assertThat(step).isEqualTo("punching");
            assertThat(total).isEqualTo(3 * PAGE);
            seen.add(done);
          });
    }
    assertThat(seen).containsExactly((long) PAGE, 3L * PAGE);
  }
}
