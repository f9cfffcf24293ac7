package io.fallow.testkit;

import io.fallow.device.Device;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Compares disks before and after a release. */
public final class GuestBytes {

  private GuestBytes() {}

  /** All bytes of a small device. */
  public static byte[] of(Device device) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(device.size())];
    device.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /**
   * Demands that bytes outside {@code released} are as before, and those in it as before or zero.
   */
  public static void assertKept(byte[] before, byte[] after, ExtentSet released) {
    Extent disk = new Extent(0, before.length);
    if (after.length != before.length) {
      throw new AssertionError("%d bytes became %d".formatted(before.length, after.length));
    }
    for (Extent run : released.complement(disk)) {
      int at = Arrays.mismatch(part(before, run), part(after, run));
      if (at >= 0) {
        throw new AssertionError("guest byte 0x%x was not released".formatted(run.start() + at));
      }
    }
    for (Extent run : released.clip(disk)) {
      for (int at = (int) run.start(); at < run.end(); at++) {
        if (after[at] != 0 && after[at] != before[at]) {
          throw new AssertionError("released guest byte 0x%x is new".formatted(at));
        }
      }
    }
  }

  /** Demands in addition that all of {@code released} reads as zero. */
  public static void assertReleased(byte[] before, byte[] after, ExtentSet released) {
    byte[] expected = before.clone();
    for (Extent run : released) {
      Arrays.fill(expected, (int) run.start(), (int) run.end(), (byte) 0);
    }
    int at = Arrays.mismatch(expected, after);
    if (at >= 0) {
      throw new AssertionError(
          "guest byte 0x%x is %d, expected %d".formatted(at, after[at], expected[at]));
    }
  }

  private static byte[] part(byte[] bytes, Extent run) {
    return Arrays.copyOfRange(bytes, (int) run.start(), (int) run.end());
  }
}
