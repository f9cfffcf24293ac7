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
 * A view of a device for looking at its many possible signatures: each part is read at most once,
 * and holes are not read at all. Both ends, where most signatures lie, are read in pages, the rest
 * in sectors.
 */
final class ProbeCache implements Device {

  private static final int END = 16 << 10;
  private static final int PAGE = 4096;
  private static final int SECTOR = 512;

  private final Device device;
  private final long tail;
  private final Map<Long, MemorySegment> blocks = new HashMap<>();

  ProbeCache(Device device) {
    this.device = device;
    this.tail = Math.max(END, (device.size() - END) / PAGE * PAGE);
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
    if (length > END) {
      device.read(offset, target);
      return;
    }
    for (long done = 0; done < length; ) {
      long at = offset + done;
      int unit = at < END || at >= tail ? PAGE : SECTOR;
      MemorySegment block = block(at - at % unit, unit);
      long within = at % unit;
      long part = Math.min(block.byteSize() - within, length - done);
      target.asSlice(done, part).copyFrom(block.asSlice(within, part));
      done += part;
    }
  }

  private MemorySegment block(long start, int unit) throws IOException {
    MemorySegment block = blocks.get(start);
    if (block == null) {
      Extent place = new Extent(start, Math.min(start + unit, size()));
      block = MemorySegment.ofArray(new byte[(int) place.length()]);
      if (!device.allocated(place).isEmpty()) {
        device.read(start, block);
      }
      blocks.put(start, block);
    }
    return block;
  }

  @Override
  public ExtentSet allocated(Extent window) throws IOException {
    return device.allocated(window);
  }
}
