package io.fallow.fs.ext;

import io.fallow.device.Device;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.IntPredicate;
import java.util.function.IntToLongFunction;

/**
 * Reads the bitmaps of ascending groups. flex_bg puts those of neighbouring groups side by side:
 * such are read together.
 */
final class BitmapReader implements AutoCloseable {

  private static final int BATCH = 1 << 20;

  private final Arena arena = Arena.ofConfined();
  private final Device device;
  private final Geometry geometry;
  private final IntToLongFunction place;
  private final IntPredicate wanted;
  private final MemorySegment buffer;
  private long firstBuffered;
  private int buffered;

  /**
   * A reader of one kind of bitmaps.
   *
   * @param place the block in which a group's bitmap lies
   * @param wanted whether a group's bitmap will be asked for
   */
  BitmapReader(Device device, Geometry geometry, IntToLongFunction place, IntPredicate wanted) {
    this.device = device;
    this.geometry = geometry;
    this.place = place;
    this.wanted = wanted;
    this.buffer = arena.allocate(BATCH, Long.BYTES);
  }

  /** The bitmap of a group: one block, valid until the next call. */
  MemorySegment read(int group) throws IOException {
    long block = place.applyAsLong(group);
    if (block < firstBuffered || block >= firstBuffered + buffered) {
      fill(group, block);
    }
    return buffer.asSlice((block - firstBuffered) * geometry.blockSize(), geometry.blockSize());
  }

  private void fill(int group, long block) throws IOException {
    int blockSize = geometry.blockSize();
    int run = 1;
    while (run < BATCH / blockSize
        && group + run < geometry.groups()
        && wanted.test(group + run)
        && place.applyAsLong(group + run) == block + run) {
      run++;
    }
    buffered = 0;
    device.read(block * blockSize, buffer.asSlice(0, (long) run * blockSize));
    firstBuffered = block;
    buffered = run;
  }

  @Override
  public void close() {
    arena.close();
  }
}
