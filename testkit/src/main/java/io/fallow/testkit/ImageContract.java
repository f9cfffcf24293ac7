package io.fallow.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.Device;
import io.fallow.device.HostFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Image;
import io.fallow.image.Progress;
import io.fallow.image.Release;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every {@link Image} and its {@link Release} keep. */
public abstract class ImageContract {

  private static final int ROUNDS = 40;

  /** For subclasses. */
  protected ImageContract() {}

  /** Opens what {@link #file} holds. */
  protected abstract Image open(HostFile file) throws IOException;

  /**
   * A file with an image in it, of at most a few MiB, the same each time. It is opened again after
   * it was closed.
   */
  protected abstract HostFile file() throws IOException;

  /**
   * How far the space given back may differ from the promise: 0 where a unit of the image is at
   * least a page.
   */
  protected long slack() {
    return 0;
  }

  private static byte[] content(Image image) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(image.guest().size())];
    image.guest().read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static ExtentSet random(Device guest, Random random) {
    ExtentSet.Builder set = ExtentSet.builder();
    for (int i = random.nextInt(6); i >= 0; i--) {
      long start = random.nextLong(guest.size() / 512) * 512;
      set.add(start, Math.min(guest.size(), start + (1L << random.nextInt(9, 21))));
    }
    // Some reach beyond the disk.
    return random.nextInt(4) > 0
        ? set.build()
        : set.add(guest.size() - 512, guest.size() + 4096).build();
  }

  private static ExtentSet held(Release release) {
    ExtentSet all = ExtentSet.empty();
    for (ExtentSet set : release.held().values()) {
      all = all.union(set);
    }
    return all;
  }

  @Test
  void theFourSetsAreThePartsOfWhatWasAsked() throws IOException {
    try (Image image = open(file())) {
      Random random = new Random(1);
      for (int round = 0; round < ROUNDS; round++) {
        ExtentSet free = random(image.guest(), random);
        Release release = image.release(free);
        ExtentSet held = held(release);
        ExtentSet all =
            release.releasable().union(release.holes()).union(held).union(release.lost());
        assertThat(all).isEqualTo(free.clip(image.guest().extent()));
        long sum =
            release.releasable().total()
                + release.holes().total()
                + held.total()
                + release.lost().total();
        assertThat(sum).as("a byte is in two sets").isEqualTo(all.total());
      }
    }
  }

  @Test
  void planningWritesNothing() throws IOException {
    RecordingFile recording = new RecordingFile(file());
    try (Image image = open(recording)) {
      image.release(ExtentSet.of(image.guest().extent()));
      assertThat(recording.log()).isEmpty();
    }
  }

  @Test
  void releaseOfNothingTouchesNoGuestByte() throws IOException {
    try (Image image = open(file())) {
      byte[] before = content(image);
      Release release = image.release(ExtentSet.empty());
      assertThat(release.releasable().isEmpty()).isTrue();
      assertThat(release.hostBytes()).isEqualTo(release.unownedBytes());
      release.execute(Progress.NONE);
      assertThat(content(image)).isEqualTo(before);
    }
  }

  @Test
  void onlyReleasedBytesChangeAndReadAsZero() throws IOException {
    Random random = new Random(2);
    for (int round = 0; round < ROUNDS; round++) {
      HostFile file = file();
      byte[] expected;
      ExtentSet free;
      try (Image image = open(file)) {
        expected = content(image);
        free = random(image.guest(), random);
        Release release = image.release(free);
        release
            .releasable()
            .forEach(run -> Arrays.fill(expected, (int) run.start(), (int) run.end(), (byte) 0));
        release.execute(Progress.NONE);
        assertThat(content(image)).as("seen by the image that did it").isEqualTo(expected);
      }
      try (Image again = open(file)) {
        assertThat(content(again)).as("seen when opened again").isEqualTo(expected);
        Release second = again.release(free);
        assertThat(second.releasable().isEmpty()).as("second release").isTrue();
        assertThat(second.hostBytes()).isZero();
        RecordingFile recording = new RecordingFile(file);
        try (Image recorded = open(recording)) {
          recorded.release(free).execute(Progress.NONE);
          assertThat(recording.log()).as("changes by a second release").isEmpty();
        }
      }
    }
  }

  @Test
  void promisesTheSpaceThatComesBack() throws IOException {
    Random random = new Random(3);
    for (int round = 0; round < ROUNDS; round++) {
      HostFile file = file();
      try (Image image = open(file)) {
        ExtentSet free =
            round == 0
                ? ExtentSet.of(new Extent(0, image.guest().size()))
                : random(image.guest(), random);
        Release release = image.release(free);
        long before = file.allocatedBytes();
        long promised = release.hostBytes();
        assertThat(release.unownedBytes()).isBetween(0L, promised);
        release.execute(Progress.NONE);
        long slack = slack();
        assertThat(before - file.allocatedBytes()).isBetween(promised - slack, promised + slack);
      }
    }
  }
}
