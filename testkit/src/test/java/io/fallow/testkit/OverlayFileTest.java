package io.fallow.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.HostFile;
import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class OverlayFileTest extends HostFileContract {

  @Override
  protected HostFile create(long size) {
    return new OverlayFile(new MemoryFile("overlay", size));
  }

  private static byte[] content(HostFile file) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(file.size())];
    file.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static void change(HostFile file, Random random) throws IOException {
    int start = random.nextInt(40_000);
    int length = 1 + random.nextInt(15_000);
    switch (random.nextInt(4)) {
      case 0, 1 -> file.write(start, MemorySegment.ofArray(Qcow2Builder.pattern(start, length)));
      case 2 -> file.punch(Extent.ofLength(start, length));
      default -> file.resize(start);
    }
  }

  @Test
  void actsAsACopyWouldAndLeavesItsBaseAlone() throws IOException {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      MemoryFile base = new MemoryFile("base", random.nextInt(50_000));
      for (int i = 0; i < 5; i++) {
        change(base, random);
      }
      byte[] before = content(base);
      MemoryFile copy = base.copy();
      OverlayFile overlay = new OverlayFile(base);
      for (int i = 0; i < 8; i++) {
        int step = random.nextInt();
        change(copy, new Random(step));
        change(overlay, new Random(step));
        assertThat(overlay.size()).isEqualTo(copy.size());
        assertThat(content(overlay)).as("seed %d step %d", seed, i).isEqualTo(content(copy));
        assertThat(overlay.allocatedBytes()).isEqualTo(copy.allocatedBytes());
        assertThat(overlay.allocated(new Extent(0, 80_000)))
            .isEqualTo(copy.allocated(new Extent(0, 80_000)));
      }
      assertThat(content(base)).isEqualTo(before);
    }
  }

  @Test
  void fingerprintTellsContentHolesAndSizeApart() throws IOException {
    MemoryFile base = MemoryFile.of("base", Qcow2Builder.pattern(1, 3 * MemoryFile.PAGE));
    long same = new OverlayFile(base).fingerprint();
    OverlayFile overlay = new OverlayFile(base);
    overlay.write(0, MemorySegment.ofArray(Qcow2Builder.pattern(1, 100)));
    assertThat(overlay.fingerprint()).as("written as it was").isEqualTo(same);
    overlay.write(0, MemorySegment.ofArray(new byte[MemoryFile.PAGE]));
    long zeroed = overlay.fingerprint();
    assertThat(zeroed).isNotEqualTo(same);
    overlay.punch(new Extent(0, MemoryFile.PAGE));
    assertThat(overlay.fingerprint()).isNotIn(same, zeroed);
    overlay.write(0, MemorySegment.ofArray(Qcow2Builder.pattern(1, MemoryFile.PAGE)));
    assertThat(overlay.fingerprint()).isEqualTo(same);
    overlay.resize(4 * MemoryFile.PAGE);
    assertThat(overlay.fingerprint()).isNotEqualTo(same);
  }
}
