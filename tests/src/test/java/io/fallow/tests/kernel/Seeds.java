package io.fallow.tests.kernel;

import java.util.stream.LongStream;

/**
 * The seeds of the random cases. They are the same in every run; {@code -Dfallow.seed=N} moves them
 * for a search, and {@code -Dfallow.cases=N} changes how many there are.
 */
final class Seeds {

  private Seeds() {}

  static long[] of(String name, int count) {
    long first = Long.getLong("fallow.seed", 0) + 1_000_000L * (name.hashCode() & 0xff);
    return LongStream.range(first, first + Integer.getInteger("fallow.cases", count)).toArray();
  }
}
