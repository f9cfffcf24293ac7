package io.fallow.device;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.lang.foreign.MemorySegment;
import java.util.TreeMap;

/**
 * A sparse file in memory, of any size up to 2⁶³−1 bytes. Pages exist once they are written and
 * until they are punched; all others are holes. Nothing in it is durable, so a flush has nothing to
 * do. One thread at a time.
 */
public final class MemoryFile implements HostFile {

  /** The unit of allocation in bytes. */
  public static final int PAGE = 4096;

  private final String name;
  private final TreeMap<Long, byte[]> pages = new TreeMap<>();
  private long size;

  /** A file of {@code size} bytes that is one hole. */
  public MemoryFile(String name, long size) {
    this.name = name;
    this.size = size;
  }

  /** A file with the given content. */
  public static MemoryFile of(String name, byte[] content) {
    MemoryFile file = new MemoryFile(name, content.length);
    file.write(0, MemorySegment.ofArray(content));
    return file;
  }

  /** A file with the same content and the same holes. */
  public MemoryFile copy() {
    MemoryFile copy = new MemoryFile(name, size);
    pages.forEach((index, page) -> copy.pages.put(index, page.clone()));
    return copy;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Limits limits() {
    return new Limits(512, PAGE);
  }

  @Override
  public boolean writable() {
    return true;
  }

  @Override
  public void read(long offset, MemorySegment target) throws CorruptFormatException {
    long length = target.byteSize();
    if (offset < 0 || offset > size - length) {
      throw new CorruptFormatException(
          name, offset, "%d bytes end beyond the file's size of %d".formatted(length, size));
    }
    for (long done = 0; done < length; ) {
      long at = offset + done;
      int within = (int) (at % PAGE);
      long part = Math.min(PAGE - within, length - done);
      byte[] page = pages.get(at / PAGE);
      MemorySegment piece = target.asSlice(done, part);
      if (page == null) {
        piece.fill((byte) 0);
      } else {
        piece.copyFrom(MemorySegment.ofArray(page).asSlice(within, part));
      }
      done += part;
    }
  }

  @Override
  public void write(long offset, MemorySegment source) {
    long length = source.byteSize();
    size = Math.max(size, Math.addExact(offset, length));
    for (long done = 0; done < length; ) {
      long at = offset + done;
      int within = (int) (at % PAGE);
      long part = Math.min(PAGE - within, length - done);
      byte[] page = pages.computeIfAbsent(at / PAGE, index -> new byte[PAGE]);
      MemorySegment.ofArray(page).asSlice(within, part).copyFrom(source.asSlice(done, part));
      done += part;
    }
  }

  @Override
  public void punch(Extent range) {
    long firstWhole = Math.ceilDiv(range.start(), PAGE);
    long afterWhole = range.end() / PAGE;
    if (firstWhole < afterWhole) {
      pages.subMap(firstWhole, afterWhole).clear();
    }
    clear(range.start(), Math.min(range.end(), startOf(firstWhole)));
    clear(Math.max(range.start(), startOf(afterWhole)), range.end());
  }

  /** Where a page starts. The one after the last page of the largest file starts at 2⁶³−1. */
  private static long startOf(long page) {
    return page > Long.MAX_VALUE / PAGE ? Long.MAX_VALUE : page * PAGE;
  }

  /** Zeroes a part of one page, if the page exists. */
  private void clear(long start, long end) {
    byte[] page = start < end ? pages.get(start / PAGE) : null;
    if (page != null) {
      MemorySegment.ofArray(page).asSlice(start % PAGE, end - start).fill((byte) 0);
    }
  }

  @Override
  public void resize(long newSize) {
    if (newSize < size) {
      punch(new Extent(newSize, Math.max(size, startOf(Math.ceilDiv(size, PAGE)))));
    }
    size = newSize;
  }

  @Override
  public void flush() {}

  @Override
  public long allocatedBytes() {
    return (long) pages.size() * PAGE;
  }

  @Override
  public ExtentSet allocated(Extent window) {
    ExtentSet.Builder builder = ExtentSet.builder();
    long afterLast = Math.ceilDiv(window.end(), PAGE);
    pages
        .subMap(window.start() / PAGE, Math.max(afterLast, window.start() / PAGE))
        .keySet()
        .forEach(index -> builder.add(startOf(index), startOf(index + 1)));
    return builder.build().clip(window);
  }
}
