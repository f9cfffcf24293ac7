package io.fallow.testkit;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.device.Limits;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A device that is cut short, or of which one byte reads wrong. */
public final class MutatedDevice implements Device {

  private final Device device;
  private final long size;
  private final long victim;
  private final int mask;

  private MutatedDevice(Device device, long size, long victim, int mask) {
    this.device = device;
    this.size = size;
    this.victim = victim;
    this.mask = mask;
  }

  /** The first {@code size} bytes of {@code device}. */
  public static MutatedDevice truncated(Device device, long size) {
    return new MutatedDevice(device, Math.min(size, device.size()), -1, 0);
  }

  /** The device with the bits of {@code mask} flipped in the byte at {@code offset}. */
  public static MutatedDevice flipped(Device device, long offset, int mask) {
    return new MutatedDevice(device, device.size(), offset, mask);
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Limits limits() {
    return device.limits();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    if (offset < 0 || offset > size - target.byteSize()) {
      throw new CorruptFormatException(
          name(), offset, "%d bytes end beyond %d".formatted(target.byteSize(), size));
    }
    device.read(offset, target);
    long at = victim - offset;
    if (victim >= 0 && at >= 0 && at < target.byteSize()) {
      byte value = target.get(ValueLayout.JAVA_BYTE, at);
      target.set(ValueLayout.JAVA_BYTE, at, (byte) (value ^ mask));
    }
  }

  @Override
  public ExtentSet allocated(Extent window) throws IOException {
    return device.allocated(window).clip(new Extent(0, size));
  }
}
