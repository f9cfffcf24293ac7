package io.fallow.bytes;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class Crc32cTest {

  /** The checksum bit by bit, as its polynomial defines it. */
  private static int reference(int seed, byte[] data) {
    int register = seed;
    for (byte value : data) {
      register ^= value & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        register = (register & 1) == 0 ? register >>> 1 : register >>> 1 ^ 0x82F63B78;
      }
    }
    return register;
  }

  private static byte[] random(Random random, int length) {
    byte[] data = new byte[length];
    random.nextBytes(data);
    return data;
  }

  @Test
  void agreesWithThePublishedCheckValue() {
    byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
    assertThat(~Crc32c.of(Crc32c.START, MemorySegment.ofArray(digits))).isEqualTo(0xE3069283);
  }

  @Test
  void startsAtAnySeed() {
    Random random = new Random(1);
    for (int round = 0; round < 2_000; round++) {
      int seed = random.nextInt();
      byte[] data = random(random, random.nextInt(100));
      assertThat(Crc32c.of(seed, MemorySegment.ofArray(data))).isEqualTo(reference(seed, data));
    }
    for (int seed : new int[] {0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      assertThat(Crc32c.seeded(seed).value()).isEqualTo(seed);
    }
  }

  @Test
  void feedsPiecesAsOneStream() {
    Random random = new Random(2);
    for (int round = 0; round < 500; round++) {
      int seed = random.nextInt();
      byte[] head = random(random, random.nextInt(50));
      int fill = random.nextInt(256);
      int count = random.nextInt(20);
      int half = random.nextInt(1 << 16);
      int word = random.nextInt();
      java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
      all.writeBytes(head);
      for (int i = 0; i < count; i++) {
        all.write(fill);
      }
      all.write(half);
      all.write(half >>> 8);
      for (int shift = 0; shift < 32; shift += 8) {
        all.write(word >>> shift);
      }
      int crc =
          Crc32c.seeded(seed)
              .add(MemorySegment.ofArray(head))
              .fill(fill, count)
              .u16le(half)
              .u32le(word)
              .value();
      assertThat(crc).isEqualTo(reference(seed, all.toByteArray()));
    }
  }

  @Test
  void valueMayBeAskedForInTheMiddle() {
    Crc32c crc = Crc32c.seeded(7).u16le(0x1234);
    assertThat(crc.value()).isEqualTo(reference(7, new byte[] {0x34, 0x12}));
    assertThat(crc.u16le(0x5678).value())
        .isEqualTo(reference(7, new byte[] {0x34, 0x12, 0x78, 0x56}));
  }

  @Test
  void readsOffHeapAndReadOnlyMemory() {
    byte[] data = random(new Random(3), 4096);
    int expected = reference(5, data);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment offHeap = arena.allocate(4096);
      offHeap.copyFrom(MemorySegment.ofArray(data));
      assertThat(Crc32c.of(5, offHeap)).isEqualTo(expected);
    }
    assertThat(Crc32c.of(5, MemorySegment.ofArray(data).asReadOnly())).isEqualTo(expected);
  }
}
