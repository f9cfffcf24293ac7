package io.fallow.device;

import io.fallow.bytes.Bytes;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/**
 * Something of a fixed size that is read by position: a host file, a guest's disk, a partition.
 *
 * <p>This side cannot write. Parsers receive nothing else, so that no bug in one can change a disk;
 * what writes asks for a {@link HostFile}. Implementations may be used by one thread at a time.
 */
public interface Device extends Closeable {

  /** What messages call it: a file's name, or a path such as {@code disk.qcow2:gpt/2}. */
  String name();

  /** The size in bytes. */
  long size();

  /** What a release can reach here. */
  Limits limits();

  /**
   * Fills {@code target} with the bytes from {@code offset} on.
   *
   * @throws io.fallow.bytes.CorruptFormatException if the range does not lie within the device: a
   *     structure points outside it
   * @throws HostException if the host fails
   */
  void read(long offset, MemorySegment target) throws IOException;

  /**
   * The bytes of {@code window} that take space below. All others read as zero. May name more than
   * is so where the layer cannot tell, never less.
   */
  ExtentSet allocated(Extent window) throws IOException;

  /** All of the device. */
  default Extent extent() {
    return new Extent(0, size());
  }

  /**
   * Reads a structure into memory of its own.
   *
   * @param length the size in bytes, which the caller has bounded
   */
  default Bytes bytes(long offset, int length, ByteOrder order) throws IOException {
    MemorySegment memory = MemorySegment.ofArray(new byte[length]);
    read(offset, memory);
    return new Bytes(memory, order, name(), offset);
  }

  /** Releases what the device holds. A view of another device leaves that one open. */
  @Override
  default void close() throws IOException {}
}
