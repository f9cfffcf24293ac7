package io.fallow.testkit;

import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;

/** What was read of a device: how often, how much, and which bytes. */
public final class Reads {

  private final ExtentSet.Builder seen = ExtentSet.builder();
  private long calls;
  private long bytes;

  /** Starts at nothing. */
  Reads() {}

  void add(long offset, long length) {
    calls++;
    bytes += length;
    seen.add(Extent.ofLength(offset, length));
  }

  /** The number of reads. */
  public long calls() {
    return calls;
  }

  /** The bytes read, those read twice counted twice. */
  public long bytes() {
    return bytes;
  }

  /** The bytes read at least once. */
  public ExtentSet seen() {
    return seen.build();
  }

  /** How many different bytes of {@code region} were read. */
  public long of(ExtentSet region) {
    return seen().intersect(region).total();
  }
}
