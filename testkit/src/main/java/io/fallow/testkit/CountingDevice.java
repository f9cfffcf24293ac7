package io.fallow.testkit;

import io.fallow.device.Device;
import io.fallow.device.Limits;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Counts what is read of a device. */
public final class CountingDevice implements Device {

  private final Device device;
  private final Reads reads = new Reads();

  /** Counts the reads of {@code device}, which stays open. */
  public CountingDevice(Device device) {
    this.device = device;
  }

  /** What was read so far. */
  public Reads reads() {
    return reads;
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public long size() {
    return device.size();
  }

  @Override
  public Limits limits() {
    return device.limits();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    device.read(offset, target);
    reads.add(offset, target.byteSize());
  }

  @Override
  public ExtentSet allocated(Extent window) throws IOException {
    return device.allocated(window);
  }
}
