package io.fallow.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BitmapTest {

  @Test
  void agreesWithBitSet() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      byte[] bytes = new byte[64];
      random.nextBytes(bytes);
      // Long runs are what real bitmaps have.
      int start = random.nextInt(60);
      Arrays.fill(bytes, start, start + random.nextInt(64 - start), (byte) -(round % 2));
      BitSet expected = BitSet.valueOf(bytes);
      Bitmap bitmap = new Bitmap(64);
      bitmap.load(MemorySegment.ofArray(bytes));
      assertThat(bitmap.clear()).isEqualTo(512 - expected.cardinality());
      for (int from = 0; from <= 512; from++) {
        assertThat(bitmap.nextClear(from)).isEqualTo(Math.min(512, expected.nextClearBit(from)));
        int set = expected.nextSetBit(from);
        assertThat(bitmap.nextSet(from)).isEqualTo(set < 0 ? 512 : set);
      }
    }
  }
}
