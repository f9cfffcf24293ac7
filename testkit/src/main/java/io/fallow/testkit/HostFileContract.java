package io.fallow.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.Device;
import io.fallow.device.HostFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every {@link HostFile} keeps. */
public abstract class HostFileContract extends DeviceContract {

  private static final int MIB = 1 << 20;

  /** For subclasses. */
  protected HostFileContract() {}

  /** A new, writable file of {@code size} bytes that is one hole. */
  protected abstract HostFile create(long size) throws IOException;

  @Override
  protected final Device device() throws IOException {
    HostFile file = create(4 * MIB);
    file.write(0, bytes(1, MIB));
    file.write(2 * MIB + 100, bytes(2, 70_000));
    file.write(4 * MIB - 1000, bytes(3, 1000));
    return file;
  }

  private static MemorySegment bytes(long seed, int length) {
    return MemorySegment.ofArray(Qcow2Builder.pattern(seed, length));
  }

  private static byte[] read(HostFile file, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    file.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static byte[] content(HostFile file) throws IOException {
    return read(file, 0, Math.toIntExact(file.size()));
  }

  @Test
  void startsWithoutSpace() throws IOException {
    try (HostFile file = create(MIB)) {
      assertThat(file.writable()).isTrue();
      assertThat(file.size()).isEqualTo(MIB);
      assertThat(file.allocatedBytes()).isZero();
      assertThat(file.allocated(file.extent()).isEmpty()).isTrue();
      assertThat(content(file)).containsOnly(0);
    }
  }

  @Test
  void writesAtAnyOffset() throws IOException {
    try (HostFile file = create(MIB)) {
      byte[] model = new byte[MIB];
      Random random = new Random(1);
      for (int i = 0; i < 50; i++) {
        int start = random.nextInt(MIB);
        int length = random.nextInt(Math.min(MIB - start, 40_000) + 1);
        byte[] piece = Qcow2Builder.pattern(i, length);
        System.arraycopy(piece, 0, model, start, length);
        file.write(start, MemorySegment.ofArray(piece));
      }
      assertThat(content(file)).isEqualTo(model);
      assertThat(file.size()).isEqualTo(MIB);
    }
  }

  @Test
  void writesFromMemoryOffTheHeap() throws IOException {
    try (HostFile file = create(MIB);
        Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate(1000);
      source.copyFrom(bytes(9, 1000));
      file.write(77, source);
      assertThat(read(file, 77, 1000)).isEqualTo(Qcow2Builder.pattern(9, 1000));
    }
  }

  @Test
  void writingBeyondTheEndGrowsIt() throws IOException {
    try (HostFile file = create(100)) {
      file.write(5000, bytes(4, 10));
      assertThat(file.size()).isEqualTo(5010);
      assertThat(read(file, 0, 5000)).containsOnly(0);
      assertThat(read(file, 5000, 10)).isEqualTo(Qcow2Builder.pattern(4, 10));
    }
  }

  @Test
  void punchedBytesReadAsZeroAndTakeNoSpace() throws IOException {
    try (HostFile file = create(MIB)) {
      file.write(0, bytes(5, MIB));
      file.flush();
      long before = file.allocatedBytes();
      Extent range = new Extent(MIB / 4, MIB / 2);
      file.punch(range);
      byte[] expected = Qcow2Builder.pattern(5, MIB);
      Arrays.fill(expected, MIB / 4, MIB / 2, (byte) 0);
      assertThat(content(file)).isEqualTo(expected);
      assertThat(file.size()).isEqualTo(MIB);
      assertThat(before - file.allocatedBytes()).isEqualTo(range.length());
      assertThat(file.allocated(file.extent()))
          .isEqualTo(ExtentSet.of(range).complement(file.extent()));
    }
  }

  @Test
  void aPunchOfPartsOfBlocksZeroesThem() throws IOException {
    try (HostFile file = create(MIB)) {
      file.write(0, bytes(6, MIB));
      byte[] expected = Qcow2Builder.pattern(6, MIB);
      for (Extent range : new Extent[] {new Extent(100, 200), new Extent(5000, 20_001)}) {
        file.punch(range);
        Arrays.fill(expected, (int) range.start(), (int) range.end(), (byte) 0);
      }
      assertThat(content(file)).isEqualTo(expected);
    }
  }

  @Test
  void punchingAHoleChangesNothing() throws IOException {
    try (HostFile file = create(MIB)) {
      file.write(0, bytes(7, 4096));
      file.flush();
      long before = file.allocatedBytes();
      file.punch(new Extent(MIB / 2, MIB));
      file.punch(new Extent(MIB / 2, MIB));
      assertThat(file.allocatedBytes()).isEqualTo(before);
      assertThat(file.size()).isEqualTo(MIB);
    }
  }

  @Test
  void aSmallerSizeGivesBackTheTailForGood() throws IOException {
    try (HostFile file = create(MIB)) {
      file.write(0, bytes(8, MIB));
      file.flush();
      file.resize(10_000);
      assertThat(file.size()).isEqualTo(10_000);
      assertThat(content(file)).isEqualTo(Qcow2Builder.pattern(8, 10_000));
      file.resize(MIB);
      assertThat(read(file, 0, 10_000)).isEqualTo(Qcow2Builder.pattern(8, 10_000));
      assertThat(read(file, 10_000, MIB - 10_000)).containsOnly(0);
      assertThat(file.allocatedBytes()).isLessThan(MIB / 2);
    }
  }
}
