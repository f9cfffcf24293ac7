package io.fallow.extent;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * An immutable set of bytes of one device, held as sorted, disjoint, non-adjacent runs.
 *
 * <p>Runs live in one {@code long} array (start, end, start, end, …), so a set of millions of runs
 * costs 16 bytes each. Every operation is linear in the runs of its operands, unless it says
 * otherwise. Safe for use by several threads.
 */
public final class ExtentSet implements Iterable<Extent> {

  private static final ExtentSet EMPTY = new ExtentSet(new long[0]);

  /** Receives the runs of a set, in ascending order. */
  @FunctionalInterface
  public interface RunConsumer<X extends Exception> {
    /** Takes the run {@code [start, end)}. */
    void accept(long start, long end) throws X;
  }

  /** Start and end of each run; strictly ascending. */
  private final long[] bounds;

  private ExtentSet(long[] bounds) {
    this.bounds = bounds;
  }

  /** The set without any byte. */
  public static ExtentSet empty() {
    return EMPTY;
  }

  /** The bytes of {@code [start, end)}. */
  public static ExtentSet of(long start, long end) {
    return of(new Extent(start, end));
  }

  /** The bytes of one extent. */
  public static ExtentSet of(Extent extent) {
    return extent.isEmpty() ? EMPTY : new ExtentSet(new long[] {extent.start(), extent.end()});
  }

  /** A builder of a set; see {@link Builder}. */
  public static Builder builder() {
    return new Builder();
  }

  /** The number of runs. */
  public int runs() {
    return bounds.length / 2;
  }

  /** The first byte of run {@code index}. */
  public long start(int index) {
    return bounds[2 * index];
  }

  /** The byte after the last one of run {@code index}. */
  public long end(int index) {
    return bounds[2 * index + 1];
  }

  /** Whether no byte is in the set. */
  public boolean isEmpty() {
    return bounds.length == 0;
  }

  /** The number of bytes in the set. */
  public long total() {
    long total = 0;
    for (int i = 0; i < bounds.length; i += 2) {
      total += bounds[i + 1] - bounds[i];
    }
    return total;
  }

  /** Whether the byte at {@code offset} is in the set. Logarithmic. */
  public boolean contains(long offset) {
    int run = firstRunEndingAfter(offset);
    return run < runs() && start(run) <= offset;
  }

  /** Whether every byte of {@code extent} is in the set. Logarithmic. */
  public boolean contains(Extent extent) {
    if (extent.isEmpty()) {
      return true;
    }
    int run = firstRunEndingAfter(extent.start());
    return run < runs() && start(run) <= extent.start() && extent.end() <= end(run);
  }

  /** Whether any byte of {@code extent} is in the set. Logarithmic. */
  public boolean overlaps(Extent extent) {
    if (extent.isEmpty()) {
      return false;
    }
    int run = firstRunEndingAfter(extent.start());
    return run < runs() && start(run) < extent.end();
  }

  /** Whether any byte is in both sets. */
  public boolean overlaps(ExtentSet other) {
    return !intersect(other).isEmpty();
  }

  /** Whether every byte of {@code other} is in this set. */
  public boolean containsAll(ExtentSet other) {
    return other.subtract(this).isEmpty();
  }

  /** The bytes that are in either set. */
  public ExtentSet union(ExtentSet other) {
    if (isEmpty()) {
      return other;
    }
    if (other.isEmpty()) {
      return this;
    }
    return merge(other, (here, there) -> here || there);
  }

  /** The bytes that are in both sets. */
  public ExtentSet intersect(ExtentSet other) {
    if (isEmpty() || other.isEmpty()) {
      return EMPTY;
    }
    return merge(other, (here, there) -> here && there);
  }

  /** The bytes that are in this set and not in {@code other}. */
  public ExtentSet subtract(ExtentSet other) {
    if (isEmpty() || other.isEmpty()) {
      return this;
    }
    return merge(other, (here, there) -> here && !there);
  }

  /** The bytes of this set that lie in {@code window}. */
  public ExtentSet clip(Extent window) {
    return intersect(of(window));
  }

  /** The bytes of {@code window} that are not in this set. */
  public ExtentSet complement(Extent window) {
    return of(window).subtract(this);
  }

  /**
   * The same runs, moved by {@code delta} bytes.
   *
   * @throws IllegalArgumentException if a run would start below 0
   * @throws ArithmeticException if a run would end beyond 2⁶³−1
   */
  public ExtentSet shift(long delta) {
    if (delta == 0 || isEmpty()) {
      return this;
    }
    if (Math.addExact(bounds[0], delta) < 0) {
      throw new IllegalArgumentException("shift by " + delta + " moves a run below 0");
    }
    Math.addExact(bounds[bounds.length - 1], delta);
    long[] moved = new long[bounds.length];
    for (int i = 0; i < bounds.length; i++) {
      moved[i] = bounds[i] + delta;
    }
    return new ExtentSet(moved);
  }

  /**
   * The whole granules inside each run: starts rounded up, ends rounded down. Never grows the set.
   *
   * @param granularity the size of a granule in bytes, at least 1
   */
  public ExtentSet alignInward(long granularity) {
    if (granularity < 1) {
      throw new IllegalArgumentException("granularity " + granularity);
    }
    if (granularity == 1) {
      return this;
    }
    long[] aligned = new long[bounds.length];
    int used = 0;
    for (int i = 0; i < bounds.length; i += 2) {
      long remainder = bounds[i] % granularity;
      long start = remainder == 0 ? bounds[i] : bounds[i] - remainder + granularity;
      long end = bounds[i + 1] - bounds[i + 1] % granularity;
      // A start rounded up past 2⁶³−1 wraps to a negative number: no whole granule there.
      if (start >= 0 && start < end) {
        aligned[used++] = start;
        aligned[used++] = end;
      }
    }
    return new ExtentSet(Arrays.copyOf(aligned, used));
  }

  /**
   * The granules that any byte of the set touches: starts rounded down, ends rounded up. For what
   * must be <em>kept</em>; a release set is only ever aligned inward.
   *
   * @param granularity the size of a granule in bytes, at least 1
   * @throws ArithmeticException if a granule would end beyond 2⁶³−1
   */
  public ExtentSet alignOutward(long granularity) {
    if (granularity < 1) {
      throw new IllegalArgumentException("granularity " + granularity);
    }
    Builder builder = builder();
    for (int i = 0; i < bounds.length; i += 2) {
      long start = bounds[i] - bounds[i] % granularity;
      long remainder = bounds[i + 1] % granularity;
      long pad = remainder == 0 ? 0 : granularity - remainder;
      builder.add(start, Math.addExact(bounds[i + 1], pad));
    }
    return builder.build();
  }

  /** Hands each run to {@code consumer}, in ascending order. */
  public <X extends Exception> void forEachRun(RunConsumer<X> consumer) throws X {
    for (int i = 0; i < bounds.length; i += 2) {
      consumer.accept(bounds[i], bounds[i + 1]);
    }
  }

  /** The index of the first run that ends after {@code offset}; {@link #runs()} if none does. */
  public int firstRunEndingAfter(long offset) {
    int low = 0;
    int high = runs();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (end(middle) > offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  @Override
  public Iterator<Extent> iterator() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < runs();
      }

      @Override
      public Extent next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        Extent extent = new Extent(start(next), end(next));
        next++;
        return extent;
      }
    };
  }

  @FunctionalInterface
  private interface Rule {
    boolean keeps(boolean here, boolean there);
  }

  /** Sweeps over both sets' bounds in order, and keeps the stretches that the rule keeps. */
  private ExtentSet merge(ExtentSet other, Rule rule) {
    long[] a = bounds;
    long[] b = other.bounds;
    long[] merged = new long[a.length + b.length];
    int used = 0;
    int i = 0;
    int j = 0;
    boolean inside = false;
    while (i < a.length || j < b.length) {
      long at;
      if (j == b.length || (i < a.length && a[i] <= b[j])) {
        at = a[i];
      } else {
        at = b[j];
      }
      if (i < a.length && a[i] == at) {
        i++;
      }
      if (j < b.length && b[j] == at) {
        j++;
      }
      // An odd count of bounds passed means that the sweep is inside a run.
      boolean now = rule.keeps((i & 1) == 1, (j & 1) == 1);
      if (now != inside) {
        merged[used++] = at;
        inside = now;
      }
    }
    return new ExtentSet(used == merged.length ? merged : Arrays.copyOf(merged, used));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ExtentSet set && Arrays.equals(bounds, set.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    int shown = Math.min(runs(), 16);
    for (int run = 0; run < shown; run++) {
      text.append(run == 0 ? "" : ", ").append(new Extent(start(run), end(run)));
    }
    return text.append(shown < runs() ? ", … " + runs() + " runs}" : "}").toString();
  }

  /**
   * Collects runs into a set. Runs may come in any order, touch or overlap; ascending order is
   * fastest, as each is then appended or merged with the last one. Not safe for several threads.
   */
  public static final class Builder {

    private long[] bounds = new long[16];
    private int used;
    private boolean ascending = true;

    private Builder() {}

    /** Adds the bytes of {@code [start, end)}; an empty range adds nothing. */
    public Builder add(long start, long end) {
      if (start < 0 || end < start) {
        throw new IllegalArgumentException("bad extent [" + start + ", " + end + ")");
      }
      if (start == end) {
        return this;
      }
      if (used > 0 && ascending) {
        long lastStart = bounds[used - 2];
        long lastEnd = bounds[used - 1];
        if (start >= lastStart && start <= lastEnd) {
          bounds[used - 1] = Math.max(lastEnd, end);
          return this;
        }
        ascending = start > lastEnd;
      }
      if (used == bounds.length) {
        bounds = Arrays.copyOf(bounds, Math.multiplyExact(used, 2));
      }
      bounds[used++] = start;
      bounds[used++] = end;
      return this;
    }

    /** Adds the bytes of one extent. */
    public Builder add(Extent extent) {
      return add(extent.start(), extent.end());
    }

    /** Adds the bytes of a set. */
    public Builder addAll(ExtentSet set) {
      set.forEachRun(this::add);
      return this;
    }

    /** The set of all bytes added so far. Sorts if they came out of order. */
    public ExtentSet build() {
      if (used == 0) {
        return EMPTY;
      }
      return new ExtentSet(ascending ? Arrays.copyOf(bounds, used) : sorted());
    }

    /**
     * Sorts starts and ends apart and sweeps: a run lasts as long as more have started than ended.
     */
    private long[] sorted() {
      int count = used / 2;
      long[] starts = new long[count];
      long[] ends = new long[count];
      for (int i = 0; i < count; i++) {
        starts[i] = bounds[2 * i];
        ends[i] = bounds[2 * i + 1];
      }
      Arrays.sort(starts);
      Arrays.sort(ends);
      long[] result = new long[used];
      int filled = 0;
      int begin = 0;
      for (int i = 0; i < count; i++) {
        // Run [begin..i] closes where the next start lies beyond the i-th end.
        if (i + 1 == count || starts[i + 1] > ends[i]) {
          result[filled++] = starts[begin];
          result[filled++] = ends[i];
          begin = i + 1;
        }
      }
      return Arrays.copyOf(result, filled);
    }
  }
}
