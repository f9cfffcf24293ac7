package io.fallow.image.qcow2;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.fallow.device.Device;
import io.fallow.device.MemoryFile;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Progress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile images fail in the documented ways only. */
class Qcow2FuzzTest {

  private static final int MUTATIONS = 150;

  @FuzzTest
  void anyBytes(byte[] content) {
    use(MemoryFile.of("fuzz", content));
  }

  @ParameterizedTest
  @ValueSource(strings = {"v3", "v2", "zlib", "zstd", "snapshots", "dirty"})
  void mutatedImages(String name) throws IOException {
    Random random = new Random(7);
    MemoryFile original = Images.load(name);
    for (int i = 0; i < MUTATIONS; i++) {
      MemoryFile file = original.copy();
      for (int j = random.nextInt(3); j >= 0; j--) {
        mutate(file, random);
      }
      use(file);
    }
  }

  /** Changes a byte of the header, or of a table: somewhere where not all is zero. */
  private static void mutate(MemoryFile file, Random random) throws IOException {
    long at = random.nextInt(112);
    if (random.nextBoolean()) {
      at = random.nextLong(file.size() / 8) * 8;
      for (int i = 0; i < 500 && Images.u64(file, at) == 0; i++) {
        at = random.nextLong(file.size() / 8) * 8;
      }
      at += random.nextInt(8);
    }
    byte old = Images.bytes(file, at, 1)[0];
    byte changed =
        random.nextBoolean() ? (byte) random.nextInt() : (byte) (old ^ 1 << random.nextInt(8));
    file.write(at, MemorySegment.ofArray(new byte[] {changed}));
    if (random.nextInt(12) == 0) {
      file.resize(
          random.nextBoolean() ? random.nextLong(file.size()) + 1 : 1L << random.nextInt(20, 60));
    }
  }

  private static void use(MemoryFile file) {
    try {
      Qcow2Image image = Images.open(file);
      Device guest = image.guest();
      int length = (int) Math.min(guest.size(), 1 << 20);
      attempt(image::check);
      attempt(() -> Images.bytes(guest, 0, length));
      attempt(() -> guest.allocated(guest.extent()));
      image.release(ExtentSet.of(guest.extent())).execute(Progress.NONE);
      if (image.check().corruptions() > 0) {
        throw new AssertionError("the release broke the image");
      }
    } catch (IOException e) {
      // All that a hostile image may cause.
    }
  }

  private static void attempt(Attempt attempt) {
    try {
      attempt.run();
    } catch (IOException e) {
      // The documented kind of failure.
    }
  }

  @FunctionalInterface
  private interface Attempt {
    Object run() throws IOException;
  }
}
