package io.fallow.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

final class SliceTest {

  private static MemoryFile parent() {
    byte[] content = new byte[4 * MemoryFile.PAGE];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i / 512);
    }
    return MemoryFile.of("disk", content);
  }

  @Test
  void readsFromItsPlace() throws IOException {
    Slice slice = new Slice(parent(), new Extent(1024, 4096), "disk:gpt/1");
    assertThat(slice.size()).isEqualTo(3072);
    assertThat(slice.bytes(512, 1, ByteOrder.BIG_ENDIAN).u8(0)).isEqualTo(3);
    assertThat(slice.bytes(3071, 1, ByteOrder.BIG_ENDIAN).u8(0)).isEqualTo(7);
    assertThat(slice.limits()).isEqualTo(parent().limits());
  }

  @Test
  void neverReadsOutsideItsPlace() {
    Slice slice = new Slice(parent(), new Extent(1024, 4096), "disk:gpt/1");
    MemorySegment two = MemorySegment.ofArray(new byte[2]);
    assertThatThrownBy(() -> slice.read(3071, two))
        .isInstanceOf(CorruptFormatException.class)
        .hasMessage("disk:gpt/1 at 0xbff: 2 bytes end beyond the device's size of 3072");
    for (long offset : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 3072}) {
      assertThatThrownBy(() -> slice.read(offset, two)).isInstanceOf(CorruptFormatException.class);
    }
  }

  @Test
  void cannotLieOutsideItsParent() {
    assertThatThrownBy(() -> new Slice(parent(), new Extent(0, 16385), "x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void allocatedIsInItsOwnCoordinatesAndWithinIt() throws IOException {
    MemoryFile parent = parent();
    parent.punch(new Extent(4096, 8192));
    Slice slice = new Slice(parent, new Extent(2048, 10240), "x");
    ExtentSet expected = ExtentSet.builder().add(0, 2048).add(6144, 8192).build();
    assertThat(slice.allocated(slice.extent())).isEqualTo(expected);
    assertThat(slice.allocated(new Extent(1000, 7000)))
        .isEqualTo(expected.clip(new Extent(1000, 7000)));
    assertThat(slice.allocated(new Extent(6144, 20_000)))
        .as("the neighbour's bytes are not the slice's")
        .isEqualTo(ExtentSet.of(6144, 8192));
    assertThat(slice.allocated(new Extent(0, Long.MAX_VALUE))).isEqualTo(expected);
  }

  @Test
  void closingItLeavesTheParentOpen() throws IOException {
    MemoryFile parent = parent();
    new Slice(parent, new Extent(0, 512), "x").close();
    assertThat(parent.bytes(0, 1, ByteOrder.BIG_ENDIAN).size()).isEqualTo(1);
  }
}
