package io.fallow.device;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A contiguous part of another device: the offset is added on the way down. */
public final class Slice implements Device {

  private final Device parent;
  private final Extent place;
  private final String name;

  /**
   * The part {@code place} of {@code parent}.
   *
   * @throws IllegalArgumentException if {@code place} does not lie within {@code parent}
   */
  public Slice(Device parent, Extent place, String name) {
    if (place.end() > parent.size()) {
      throw new IllegalArgumentException(place + " lies outside " + parent.name());
    }
    this.parent = parent;
    this.place = place;
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return place.length();
  }

  @Override
  public Limits limits() {
    return parent.limits();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    if (offset < 0 || offset > size() - target.byteSize()) {
      throw new CorruptFormatException(
          name,
          offset,
          "%d bytes end beyond the device's size of %d".formatted(target.byteSize(), size()));
    }
    parent.read(place.start() + offset, target);
  }

  @Override
  public ExtentSet allocated(Extent window) throws IOException {
    long start = Math.min(window.start(), size());
    long end = Math.min(window.end(), size());
    return parent
        .allocated(new Extent(place.start() + start, place.start() + end))
        .shift(-place.start());
  }
}
