package io.fallow.testkit;

import static io.fallow.device.MemoryFile.PAGE;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.HostFile;
import io.fallow.device.Limits;
import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * A changed copy of a {@link MemoryFile} that costs only the pages in which it differs. The file
 * below must not change meanwhile. One thread at a time.
 */
public final class OverlayFile implements HostFile {

  /** Stands for a page that became a hole. */
  private static final byte[] HOLE = new byte[0];

  private static final byte[] ZEROS = new byte[PAGE];

  private final MemoryFile base;
  private final TreeMap<Long, byte[]> changed = new TreeMap<>();
  private long size;

  /** A copy of {@code base}, so far equal. */
  public OverlayFile(MemoryFile base) {
    this.base = base;
    this.size = base.size();
  }

  /**
   * A number that is the same for equal content, holes and size over the same base, and almost
   * surely another one for different ones.
   */
  public long fingerprint() throws IOException {
    long print = mix(size);
    for (Map.Entry<Long, byte[]> entry : changed.entrySet()) {
      // What equals the base cancels out, so that it does not matter whether it was ever written.
      print ^= print(entry.getKey(), entry.getValue()) ^ print(entry.getKey(), basePage(entry));
    }
    return print;
  }

  private static boolean isHole(byte[] page) {
    return page.length == 0;
  }

  private byte[] basePage(Map.Entry<Long, byte[]> entry) throws IOException {
    return isBasePage(entry.getKey()) ? copyOfBase(entry.getKey()) : HOLE;
  }

  private static long print(long index, byte[] page) {
    return mix(index * 0x9E3779B97F4A7C15L + Arrays.hashCode(page));
  }

  private static long mix(long value) {
    long mixed = (value ^ value >>> 32) * 0xD6E8FEB86659FD93L;
    return mixed ^ mixed >>> 32;
  }

  @Override
  public String name() {
    return base.name();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Limits limits() {
    return base.limits();
  }

  @Override
  public boolean writable() {
    return true;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    long length = target.byteSize();
    if (offset < 0 || offset > size - length) {
      throw new CorruptFormatException(
          name(), offset, "%d bytes end beyond the file's size of %d".formatted(length, size));
    }
    for (long done = 0; done < length; ) {
      long at = offset + done;
      int within = (int) (at % PAGE);
      long part = Math.min(PAGE - within, length - done);
      readPart(at / PAGE, within, target.asSlice(done, part));
      done += part;
    }
  }

  private void readPart(long index, int within, MemorySegment piece) throws IOException {
    byte[] page = changed.get(index);
    if (page != null && !isHole(page)) {
      piece.copyFrom(MemorySegment.ofArray(page).asSlice(within, piece.byteSize()));
      return;
    }
    piece.fill((byte) 0);
    long inBase = page != null ? 0 : base.size() - (index * PAGE + within);
    if (inBase > 0) {
      base.read(index * PAGE + within, piece.asSlice(0, Math.min(inBase, piece.byteSize())));
    }
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    long length = source.byteSize();
    size = Math.max(size, Math.addExact(offset, length));
    for (long done = 0; done < length; ) {
      long at = offset + done;
      int within = (int) (at % PAGE);
      long part = Math.min(PAGE - within, length - done);
      MemorySegment.ofArray(own(at / PAGE))
          .asSlice(within, part)
          .copyFrom(source.asSlice(done, part));
      done += part;
    }
  }

  /** The page as this file's own, made if it was a hole. */
  private byte[] own(long index) throws IOException {
    byte[] page = changed.get(index);
    if (page == null) {
      page = copyOfBase(index);
      changed.put(index, page);
    } else if (isHole(page)) {
      page = ZEROS.clone();
      changed.put(index, page);
    }
    return page;
  }

  private byte[] copyOfBase(long index) throws IOException {
    byte[] page = new byte[PAGE];
    long inBase = Math.min(PAGE, base.size() - index * PAGE);
    if (inBase > 0) {
      base.read(index * PAGE, MemorySegment.ofArray(page).asSlice(0, inBase));
    }
    return page;
  }

  private boolean isBasePage(long index) {
    return !base.allocated(Extent.ofLength(index * PAGE, PAGE)).isEmpty();
  }

  @Override
  public void punch(Extent range) throws IOException {
    long at = range.start();
    while (at < range.end()) {
      long index = at / PAGE;
      long end = Math.min(range.end(), (index + 1) * PAGE);
      byte[] page = changed.get(index);
      boolean hole = page == null ? !isBasePage(index) : isHole(page);
      if (!hole && end - at == PAGE) {
        changed.put(index, HOLE);
      } else if (!hole) {
        Arrays.fill(own(index), (int) (at % PAGE), (int) (at % PAGE + end - at), (byte) 0);
      }
      at = end;
    }
  }

  @Override
  public void resize(long newSize) throws IOException {
    if (newSize < size) {
      punch(new Extent(newSize, Math.ceilDiv(size, PAGE) * PAGE));
    }
    size = newSize;
  }

  @Override
  public void flush() {}

  @Override
  public ExtentSet allocated(Extent window) {
    ExtentSet.Builder own = ExtentSet.builder();
    ExtentSet.Builder gone = ExtentSet.builder();
    changed.forEach(
        (index, page) -> (isHole(page) ? gone : own).add(index * PAGE, (index + 1) * PAGE));
    return base.allocated(window).subtract(gone.build()).union(own.build()).clip(window);
  }

  @Override
  public long allocatedBytes() {
    long afterLast = Math.ceilDiv(Math.max(size, base.size()), PAGE) * PAGE;
    return allocated(new Extent(0, afterLast)).alignOutward(PAGE).total();
  }
}
