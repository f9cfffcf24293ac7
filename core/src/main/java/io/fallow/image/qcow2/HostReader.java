package io.fallow.image.qcow2;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Reads of whole clusters. The last cluster of an image may be cut short by the end of the file;
 * what is missing reads as zero.
 */
final class HostReader {

  private static final int CHUNK = 1 << 20;
  private static final ValueLayout.OfLong BIG_ENDIAN =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private HostReader() {}

  /**
   * Fills {@code target} from {@code offset} on, with zeros beyond the file's end.
   *
   * @throws CorruptFormatException if the range starts beyond the file's end
   */
  static void read(Device file, long offset, MemorySegment target) throws IOException {
    long length = target.byteSize();
    if (length == 0) {
      return;
    }
    if (offset < 0 || offset >= file.size()) {
      throw new CorruptFormatException(
          file.name(), offset, "lies beyond the file's end at 0x%x".formatted(file.size()));
    }
    long present = Math.min(length, file.size() - offset);
    file.read(offset, target.asSlice(0, present));
    target.asSlice(present).fill((byte) 0);
  }

  /**
   * Reads a table of 64-bit entries.
   *
   * @param count the number of entries, which the caller has bounded
   */
  static long[] table(Device file, long offset, int count) throws IOException {
    long[] table = new long[count];
    byte[] buffer = new byte[(int) Math.min((long) count * Long.BYTES, CHUNK)];
    for (int done = 0; done < count; ) {
      int part = Math.min(count - done, CHUNK / Long.BYTES);
      MemorySegment memory = MemorySegment.ofArray(buffer).asSlice(0, (long) part * Long.BYTES);
      read(file, offset + (long) done * Long.BYTES, memory);
      decode(memory, 0, table, done, part);
      done += part;
    }
    return table;
  }

  /** Turns {@code count} big-endian numbers at {@code at} into entries from {@code first} on. */
  static void decode(MemorySegment memory, long at, long[] entries, int first, int count) {
    MemorySegment.copy(memory, BIG_ENDIAN, at, entries, first, count);
  }

  /** Turns {@code count} entries from {@code first} on into big-endian numbers. */
  static byte[] encode(long[] entries, int first, int count) {
    byte[] bytes = new byte[count * Long.BYTES];
    MemorySegment.copy(entries, first, MemorySegment.ofArray(bytes), BIG_ENDIAN, 0, count);
    return bytes;
  }
}
