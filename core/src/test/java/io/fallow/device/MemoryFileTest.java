package io.fallow.device;

import static io.fallow.device.MemoryFile.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MemoryFileTest {

  private static final long MAX = Long.MAX_VALUE;

  private static MemorySegment filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return MemorySegment.ofArray(bytes);
  }

  private static byte[] read(MemoryFile file, long offset, int length)
      throws CorruptFormatException {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 0x55);
    file.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @Test
  void startsAsOneHoleOfZeros() throws CorruptFormatException {
    MemoryFile file = new MemoryFile("disk", 10_000);
    assertThat(read(file, 0, 10_000)).containsOnly(0);
    assertThat(file.allocated(file.extent())).isEqualTo(ExtentSet.empty());
    assertThat(file.allocatedBytes()).isZero();
  }

  @Test
  void readsOnlyWithinItsSize() {
    MemoryFile file = new MemoryFile("disk", 100);
    assertThatThrownBy(() -> read(file, 99, 2))
        .isInstanceOf(CorruptFormatException.class)
        .hasMessage("disk at 0x63: 2 bytes end beyond the file's size of 100");
    assertThatThrownBy(() -> read(file, -1, 1)).isInstanceOf(CorruptFormatException.class);
    assertThatThrownBy(() -> read(file, MAX, 1)).isInstanceOf(CorruptFormatException.class);
  }

  @Test
  void isAsLargeAsOffsetsGo() throws CorruptFormatException {
    MemoryFile file = new MemoryFile("disk", MAX);
    file.write(MAX - 10, filled(10, 7));
    assertThat(read(file, MAX - 12, 12)).startsWith(0, 0, 7).endsWith(7);
    assertThat(file.allocated(file.extent())).isEqualTo(ExtentSet.of(MAX - PAGE + 1, MAX));
    file.punch(new Extent(MAX - 5, MAX));
    assertThat(read(file, MAX - 10, 10)).containsExactly(7, 7, 7, 7, 7, 0, 0, 0, 0, 0);
    file.resize(MAX - 8);
    file.resize(MAX);
    assertThat(read(file, MAX - 10, 10)).containsExactly(7, 7, 0, 0, 0, 0, 0, 0, 0, 0);
    file.punch(new Extent(0, MAX));
    assertThat(read(file, MAX - 10, 10)).containsOnly(0);
  }

  @Test
  void copyIsIndependentAndKeepsHoles() throws CorruptFormatException {
    MemoryFile file = new MemoryFile("disk", 3 * PAGE);
    file.write(PAGE, filled(PAGE, 1));
    MemoryFile copy = file.copy();
    file.write(PAGE, filled(1, 9));
    copy.write(0, filled(1, 8));
    assertThat(read(copy, 0, 1)).containsExactly(8);
    assertThat(read(copy, PAGE, 1)).containsExactly(1);
    assertThat(file.allocated(file.extent())).isEqualTo(ExtentSet.of(PAGE, 2 * PAGE));
  }

  @Test
  void randomOperationsActAsOnAnArray() throws CorruptFormatException {
    int limit = 8 * PAGE;
    Random random = new Random(11);
    for (int round = 0; round < 200; round++) {
      MemoryFile file = new MemoryFile("disk", random.nextInt(limit));
      byte[] model = new byte[limit];
      BitSet pages = new BitSet();
      for (int step = 0; step < 30; step++) {
        int start = random.nextInt(limit);
        int end = start + random.nextInt(limit - start) + 1;
        switch (random.nextInt(3)) {
          case 0 -> {
            int value = 1 + random.nextInt(255);
            file.write(start, filled(end - start, value));
            Arrays.fill(model, start, end, (byte) value);
            pages.set(start / PAGE, (end - 1) / PAGE + 1);
          }
          case 1 -> {
            int stop = (int) Math.min(end, file.size());
            if (start < stop) {
              file.punch(new Extent(start, stop));
              Arrays.fill(model, start, stop, (byte) 0);
              int first = Math.ceilDiv(start, PAGE);
              pages.clear(first, Math.max(first, stop / PAGE));
            }
          }
          default -> {
            if (end < file.size()) {
              Arrays.fill(model, end, limit, (byte) 0);
              pages.clear(Math.ceilDiv(end, PAGE), 8);
            }
            file.resize(end);
          }
        }
        verify(file, model, pages);
      }
    }
  }

  private static void verify(MemoryFile file, byte[] model, BitSet pages)
      throws CorruptFormatException {
    int size = (int) file.size();
    assertThat(read(file, 0, size)).isEqualTo(Arrays.copyOf(model, size));
    assertThat(file.allocatedBytes()).isEqualTo((long) pages.cardinality() * PAGE);
    ExtentSet.Builder expected = ExtentSet.builder();
    pages.stream().forEach(page -> expected.add((long) page * PAGE, (page + 1L) * PAGE));
    assertThat(file.allocated(new Extent(0, 8 * PAGE))).isEqualTo(expected.build());
    assertThat(file.allocated(new Extent(100, PAGE + 1)))
        .isEqualTo(expected.build().clip(new Extent(100, PAGE + 1)));
  }
}
