package io.fallow.fs.ext;

import io.fallow.bytes.UnsupportedFeatureException;
import java.util.Arrays;
import java.util.List;

/**
 * A large set of numbers. Pages without a bit take no memory, and neither do pages in which every
 * bit is set: a disk full of data costs little more than an empty one.
 */
final class SparseBits {

  private static final int PAGE_BITS = 1 << 15;

  /** The greatest size of a set. */
  static final long MOST_NUMBERS = 1L << 36;

  private static final long[] FULL = full();

  private final String source;
  private final String what;
  private final int mostPages;
  private final long[][] pages;
  private final char[] counts;
  private int used;

  /**
   * An empty set of numbers from 0 to {@code size}.
   *
   * @param what the set's name, for messages
   * @param mostBytes the most memory that pages may take
   * @throws UnsupportedFeatureException if {@code size} is more than {@link #MOST_NUMBERS}
   */
  SparseBits(String source, String what, long size, int mostBytes)
      throws UnsupportedFeatureException {
    if (size > MOST_NUMBERS) {
      throw new UnsupportedFeatureException(source, List.of("a cross-check of so many " + what));
    }
    this.source = source;
    this.what = what;
    this.mostPages = mostBytes / (PAGE_BITS / Byte.SIZE);
    int number = Math.toIntExact(Math.ceilDiv(size, PAGE_BITS));
    pages = new long[number][];
    counts = new char[number];
  }

  private static long[] full() {
    long[] page = new long[PAGE_BITS / Long.SIZE];
    Arrays.fill(page, -1);
    return page;
  }

  /** Whether {@code number} is in the set. */
  boolean contains(long number) {
    long[] page = pages[(int) (number / PAGE_BITS)];
    return page != null && (page[(int) (number % PAGE_BITS) / Long.SIZE] & 1L << number) != 0;
  }

  /**
   * Adds numbers, up to the first that is there already.
   *
   * @return that number, or {@code end}
   * @throws UnsupportedFeatureException if the set would take more memory than it may
   */
  long add(long start, long end) throws UnsupportedFeatureException {
    for (long at = start; at < end; ) {
      int index = (int) (at / PAGE_BITS);
      long pageEnd = Math.min(end, (index + 1L) * PAGE_BITS);
      if (pages[index] == null && pageEnd - at == PAGE_BITS) {
        pages[index] = FULL;
        counts[index] = (char) PAGE_BITS;
        at = pageEnd;
        continue;
      }
      if (counts[index] == PAGE_BITS) {
        return at;
      }
      long[] page = page(index);
      for (; at < pageEnd; at++) {
        int word = (int) (at % PAGE_BITS) / Long.SIZE;
        if ((page[word] & 1L << at) != 0) {
          return at;
        }
        page[word] |= 1L << at;
        counts[index]++;
      }
      if (counts[index] == PAGE_BITS) {
        pages[index] = FULL;
        used--;
      }
    }
    return end;
  }

  /** The first number that only one of two sets of the same size has; -1 if they are equal. */
  long firstDifference(SparseBits other) {
    long[] empty = new long[PAGE_BITS / Long.SIZE];
    for (int index = 0; index < pages.length; index++) {
      long[] mine = pages[index] == null ? empty : pages[index];
      long[] theirs = other.pages[index] == null ? empty : other.pages[index];
      int word = Arrays.mismatch(mine, theirs);
      if (word >= 0) {
        int bit = Long.numberOfTrailingZeros(mine[word] ^ theirs[word]);
        return (long) index * PAGE_BITS + (long) word * Long.SIZE + bit;
      }
    }
    return -1;
  }

  private long[] page(int index) throws UnsupportedFeatureException {
    long[] page = pages[index];
    if (page == null) {
      if (++used > mostPages) {
        throw new UnsupportedFeatureException(source, List.of("a cross-check of so many " + what));
      }
      page = new long[PAGE_BITS / Long.SIZE];
      pages[index] = page;
    }
    return page;
  }
}
