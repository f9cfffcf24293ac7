package io.fallow.extent;

/**
 * A half-open range of bytes, {@code [start, end)}, of one device.
 *
 * @param start the first byte, at least 0
 * @param end the byte after the last one, at least {@code start}
 */
public record Extent(long start, long end) {

  /** Checks the bounds. */
  public Extent {
    if (start < 0 || end < start) {
      throw new IllegalArgumentException("bad extent [" + start + ", " + end + ")");
    }
  }

  /** The extent of {@code length} bytes at {@code start}. */
  public static Extent ofLength(long start, long length) {
    return new Extent(start, Math.addExact(start, length));
  }

  /** The number of bytes. */
  public long length() {
    return end - start;
  }

  /** Whether there is no byte in it. */
  public boolean isEmpty() {
    return start == end;
  }

  /** Whether every byte of {@code other} lies in this extent. */
  public boolean contains(Extent other) {
    return start <= other.start && other.end <= end;
  }

  /** Whether a byte lies in both. */
  public boolean overlaps(Extent other) {
    return start < other.end && other.start < end;
  }

  @Override
  public String toString() {
    return "[0x%x, 0x%x)".formatted(start, end);
  }
}
