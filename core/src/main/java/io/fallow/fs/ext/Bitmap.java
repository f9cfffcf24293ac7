package io.fallow.fs.ext;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The bits of one bitmap block, least significant bit of each byte first, searched by words. */
final class Bitmap {

  private static final ValueLayout.OfLong WORD =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final long[] words;

  /** A bitmap of {@code bytes} bytes, a multiple of 8. */
  Bitmap(int bytes) {
    words = new long[bytes / Long.BYTES];
  }

  /** Takes the bits of {@code block}, which has the bitmap's size. */
  void load(MemorySegment block) {
    MemorySegment.copy(block, WORD, 0, words, 0, words.length);
  }

  /** The number of bits. */
  int bits() {
    return words.length * Long.SIZE;
  }

  /** The first clear bit from {@code from} on; {@link #bits()} if there is none. */
  int nextClear(int from) {
    return next(from, ~0L);
  }

  /** The first set bit from {@code from} on; {@link #bits()} if there is none. */
  int nextSet(int from) {
    return next(from, 0L);
  }

  /** The number of clear bits. */
  int clear() {
    int set = 0;
    for (long word : words) {
      set += Long.bitCount(word);
    }
    return bits() - set;
  }

  /** The first bit from {@code from} on that is set in word XOR {@code flip}. */
  private int next(int from, long flip) {
    int index = from / Long.SIZE;
    if (index >= words.length) {
      return bits();
    }
    long word = (words[index] ^ flip) & -1L << from;
    while (word == 0) {
      if (++index == words.length) {
        return bits();
      }
      word = words[index] ^ flip;
    }
    return index * Long.SIZE + Long.numberOfTrailingZeros(word);
  }
}
