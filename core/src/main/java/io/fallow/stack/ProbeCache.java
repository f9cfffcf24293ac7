package io.fallow.stack;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.device.Limits;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * A view of a device for looking at its many possible signatures: each sector is read at most once,
 * and holes are not read at all. The first page, where most signatures lie, is read as one.
 */
final class ProbeCache implements Device {

  private static final int PAGE = 4096;
  private static final int SECTOR = 512;

  /** Longer reads are no look at a signature, and are not kept. */
  private static final int LONGEST = 16 << 10;

  private final Device device;
  private final Map<Long, MemorySegment> sectors = new HashMap<>();

  ProbeCache(Device device) {
    this.device = device;
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
    long length = target.byteSize();
    if (offset < 0 || offset > size() - length) {
      throw new CorruptFormatException(
          name(), offset, "%d bytes end beyond the device's size of %d".formatted(length, size()));
    }
    if (length > LONGEST) {
      device.read(offset, target);
      return;
    }
    for (long done = 0; done < length; ) {
      long at = offset + done;
      MemorySegment sector = sector(at - at % SECTOR);
      long within = at % SECTOR;
      long part = Math.min(sector.byteSize() - within, length - done);
      target.asSlice(done, part).copyFrom(sector.asSlice(within, part));
      done += part;
    }
  }

  /**
   * The device, of which what was read so far is not read again. What is read from now on is not
   * kept: a filesystem's own structures may be large.
   */
  Device remembered() {
    return new Remembered();
  }

  private MemorySegment sector(long start) throws IOException {
    MemorySegment sector = sectors.get(start);
    if (sector != null) {
      return sector;
    }
    Extent place =
        start < PAGE
            ? new Extent(0, Math.min(PAGE, size()))
            : new Extent(start, Math.min(start + SECTOR, size()));
    MemorySegment bytes = MemorySegment.ofArray(new byte[(int) place.length()]);
    if (!device.allocated(place).isEmpty()) {
      device.read(place.start(), bytes);
    }
    for (long at = 0; at < bytes.byteSize(); at += SECTOR) {
      long length = Math.min(SECTOR, bytes.byteSize() - at);
      sectors.put(place.start() + at, bytes.asSlice(at, length));
    }
    return bytes.asSlice(start - place.start(), Math.min(SECTOR, place.end() - start));
  }

  @Override
  public ExtentSet allocated(Extent window) throws IOException {
    return device.allocated(window);
  }

  /** See {@link #remembered}. */
  private final class Remembered implements Device {

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
      if (isHere(offset, target.byteSize())) {
        ProbeCache.this.read(offset, target);
      } else {
        device.read(offset, target);
      }
    }

    private boolean isHere(long offset, long length) {
      if (offset < 0 || length > LONGEST || offset > size() - length) {
        return false;
      }
      for (long at = offset - offset % SECTOR; at < offset + length; at += SECTOR) {
        if (!sectors.containsKey(at)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public ExtentSet allocated(Extent window) throws IOException {
      return device.allocated(window);
    }
  }
}
