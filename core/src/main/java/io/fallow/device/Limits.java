package io.fallow.device;

/**
 * What a release can reach on a device.
 *
 * @param logicalBlock the smallest unit of I/O in bytes, a power of two
 * @param granularity the smallest unit of space in bytes that can be given back; ranges are rounded
 *     inward to it
 */
public record Limits(int logicalBlock, long granularity) {

  /** Checks the ranges. */
  public Limits {
    if (Integer.bitCount(logicalBlock) != 1 || granularity < 1) {
      throw new IllegalArgumentException(
          "logical block %d, granularity %d".formatted(logicalBlock, granularity));
    }
  }
}
