package io.fallow.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Progress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ContentHashTest {

  private static final int MIB = 1 << 20;

  private static MemoryFile disk() {
    MemoryFile disk = new MemoryFile("disk", 64L * MIB);
    Random random = new Random(7);
    for (int i = 0; i < 40; i++) {
      byte[] data = new byte[5000];
      random.nextBytes(data);
      disk.write(random.nextLong(64L * MIB - data.length), MemorySegment.ofArray(data));
    }
    return disk;
  }

  private static String hash(MemoryFile disk, ExtentSet chosen) throws IOException {
    return ContentHash.of(disk, chosen, Progress.NONE);
  }

  @Test
  void zerosAndHolesAreEqual() throws Exception {
    MemoryFile holes = disk();
    MemoryFile zeros = holes.copy();
    zeros
        .allocated(zeros.extent())
        .complement(zeros.extent())
        .forEachRun((start, end) ->
            zeros.write(start, MemorySegment.ofArray(new byte[(int) (end - start)])));
    assertThat(zeros.allocatedBytes()).isGreaterThan(holes.allocatedBytes());
    ExtentSet all = ExtentSet.of(holes.extent());
    assertThat(hash(zeros, all)).isEqualTo(hash(holes, all));
  }

  @Test
  void oneChangedBitShows() throws Exception {
    MemoryFile disk = disk();
    ExtentSet all = ExtentSet.of(disk.extent());
    String before = hash(disk, all);
    for (long at : new long[] {0, MIB - 1, MIB, 33L * MIB + 17, 64L * MIB - 1}) {
      MemoryFile changed = disk.copy();
      MemorySegment one = MemorySegment.ofArray(new byte[1]);
      changed.read(at, one);
      one.set(
          java.lang.foreign.ValueLayout.JAVA_BYTE,
          0,
          (byte) (one.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)[0] ^ 1));
      changed.write(at, one);
      assertThat(hash(changed, all)).as("offset %d", at).isNotEqualTo(before);
    }
  }

  @Test
  void dataThatMovesShows() throws Exception {
    MemoryFile one = new MemoryFile("one", 8L * MIB);
    MemoryFile other = new MemoryFile("other", 8L * MIB);
    one.write(0, MemorySegment.ofArray(new byte[] {1}));
    other.write(MIB, MemorySegment.ofArray(new byte[] {1}));
    ExtentSet all = ExtentSet.of(one.extent());
    assertThat(hash(one, all)).isNotEqualTo(hash(other, all));
  }

  @Test
  void whatIsNotChosenMayChange() throws Exception {
    MemoryFile disk = disk();
    Extent released = new Extent(3L * MIB + 4096, 40L * MIB);
    ExtentSet rest = ExtentSet.of(released).complement(disk.extent());
    String before = hash(disk, rest);
    disk.punch(released);
    assertThat(hash(disk, rest)).isEqualTo(before);
    disk.punch(new Extent(40L * MIB, 64L * MIB));
    assertThat(hash(disk, rest)).isNotEqualTo(before);
  }
}
