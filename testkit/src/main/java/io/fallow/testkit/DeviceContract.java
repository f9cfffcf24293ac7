package io.fallow.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every {@link Device} keeps. Extend it with one that holds data and holes, up to 64 MiB. */
public abstract class DeviceContract {

  /** For subclasses. */
  protected DeviceContract() {}

  /** A device to look at; it is closed afterwards. */
  protected abstract Device device() throws IOException;

  private static byte[] read(Device device, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    // What is not filled shows.
    Arrays.fill(bytes, (byte) 0x5A);
    device.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @Test
  void readsTheSameInAnyPieces() throws IOException {
    try (Device device = device()) {
      byte[] whole = read(device, 0, Math.toIntExact(device.size()));
      assertThat(read(device, 0, whole.length)).isEqualTo(whole);
      Random random = new Random(1);
      for (int i = 0; i < 200; i++) {
        int start = random.nextInt(whole.length);
        int length = random.nextInt(Math.min(20_000, whole.length - start + 1));
        assertThat(read(device, start, length))
            .as("%d bytes at %d", length, start)
            .isEqualTo(Arrays.copyOfRange(whole, start, start + length));
      }
    }
  }

  @Test
  void readsIntoMemoryOffTheHeap() throws IOException {
    try (Device device = device();
        Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(512);
      device.read(0, target);
      assertThat(target.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
          .isEqualTo(read(device, 0, 512));
    }
  }

  @Test
  void readsUpToItsEndAndNotBeyond() throws IOException {
    try (Device device = device()) {
      long size = device.size();
      assertThat(read(device, size - 1, 1)).hasSize(1);
      read(device, size, 0);
      for (long offset : new long[] {size - 1, size, Long.MAX_VALUE - 1, -1, Long.MIN_VALUE}) {
        assertThatThrownBy(() -> read(device, offset, 2))
            .as("2 bytes at %d", offset)
            .isInstanceOf(CorruptFormatException.class);
      }
    }
  }

  @Test
  void whatIsNotAllocatedReadsAsZero() throws IOException {
    try (Device device = device()) {
      ExtentSet allocated = device.allocated(device.extent());
      assertThat(ExtentSet.of(device.extent()).containsAll(allocated)).isTrue();
      for (Extent hole : allocated.complement(device.extent())) {
        assertThat(read(device, hole.start(), Math.toIntExact(hole.length())))
            .as("hole %s", hole)
            .containsOnly(0);
      }
    }
  }

  @Test
  void allocatedOfAWindowIsThatPartOfTheWhole() throws IOException {
    try (Device device = device()) {
      ExtentSet all = device.allocated(device.extent());
      Random random = new Random(2);
      for (int i = 0; i < 100; i++) {
        long start = random.nextLong(device.size());
        Extent window = new Extent(start, start + random.nextLong(device.size() - start + 1));
        assertThat(device.allocated(window)).as("in %s", window).isEqualTo(all.clip(window));
      }
    }
  }

  @Test
  void hasANameAndLimits() throws IOException {
    try (Device device = device()) {
      assertThat(device.name()).isNotBlank();
      assertThat(device.limits().granularity()).isPositive();
      assertThat(device.extent()).isEqualTo(new Extent(0, device.size()));
    }
  }
}
