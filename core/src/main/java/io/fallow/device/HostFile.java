package io.fallow.device;

import io.fallow.extent.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A file of the host, which holds an image: the bottom of the discard chain.
 *
 * <p>Writes, punches and resizes are ordered and durable only across {@link #flush}: what was done
 * before a flush that returned survives a power cut, what was done since may be lost in part and in
 * any order. A failed flush is final: what it covered is unknown, and it is never tried again.
 */
public interface HostFile extends Device {

  /** Whether it was opened for writing. */
  boolean writable();

  /**
   * Writes all of {@code source} at {@code offset}, within the file's size or growing it.
   *
   * @throws HostException if the host fails; some of it may have been written
   */
  void write(long offset, MemorySegment source) throws IOException;

  /**
   * Gives the blocks of {@code range} back to the host's filesystem. It reads as zero afterwards.
   * The file's size stays.
   *
   * @throws HostException with {@link HostException#isUnsupported} if the filesystem cannot
   */
  void punch(Extent range) throws IOException;

  /**
   * Sets the file's size. Bytes beyond a smaller size are given back.
   *
   * @param size in bytes
   */
  void resize(long size) throws IOException;

  /** Makes all that was done durable, as {@code fdatasync} does. */
  void flush() throws IOException;

  /** The bytes that the file takes, by the host filesystem's own accounting. */
  long allocatedBytes() throws IOException;
}
