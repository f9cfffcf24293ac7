package io.fallow.bytes;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * A view of an on-disk structure: bytes, their order, and where they came from, so that every
 * message can name the place.
 *
 * <p>Width and sign are in each accessor's name. Offsets are relative to the view, as in the
 * specifications' tables. An access outside the view is a corrupt structure, not a programming
 * error, since lengths come from disks.
 */
public final class Bytes {

  private final MemorySegment memory;
  private final ByteOrder order;
  private final String source;
  private final long origin;
  private final ValueLayout.OfShort shorts;
  private final ValueLayout.OfInt ints;
  private final ValueLayout.OfLong longs;

  /**
   * A view of {@code memory}, which lies at byte {@code origin} of {@code source}.
   *
   * @param source the name of the device or file, for messages
   */
  public Bytes(MemorySegment memory, ByteOrder order, String source, long origin) {
    this.memory = memory;
    this.order = order;
    this.source = source;
    this.origin = origin;
    this.shorts = JAVA_SHORT_UNALIGNED.withOrder(order);
    this.ints = JAVA_INT_UNALIGNED.withOrder(order);
    this.longs = JAVA_LONG_UNALIGNED.withOrder(order);
  }

  /** The number of bytes. */
  public long size() {
    return memory.byteSize();
  }

  /** Where the view starts in its source, in bytes. */
  public long origin() {
    return origin;
  }

  /** The name of the device or file. */
  public String source() {
    return source;
  }

  /** The memory under the view. */
  public MemorySegment memory() {
    return memory;
  }

  /** The unsigned byte at {@code at}. */
  public int u8(long at) throws CorruptFormatException {
    within(at, 1);
    return memory.get(JAVA_BYTE, at) & 0xFF;
  }

  /** The unsigned 16-bit number at {@code at}. */
  public int u16(long at) throws CorruptFormatException {
    within(at, 2);
    return memory.get(shorts, at) & 0xFFFF;
  }

  /** The unsigned 32-bit number at {@code at}. */
  public long u32(long at) throws CorruptFormatException {
    within(at, 4);
    return memory.get(ints, at) & 0xFFFF_FFFFL;
  }

  /** The 32 bits at {@code at}, for flags and checksums. */
  public int bits32(long at) throws CorruptFormatException {
    within(at, 4);
    return memory.get(ints, at);
  }

  /** The unsigned 64-bit number at {@code at}; one with the top bit set is corrupt. */
  public long u63(long at) throws CorruptFormatException {
    long value = bits64(at);
    check(value >= 0, at, "64-bit number 0x%x is absurdly large", value);
    return value;
  }

  /** The 64 bits at {@code at}, for flags and packed fields. */
  public long bits64(long at) throws CorruptFormatException {
    within(at, 8);
    return memory.get(longs, at);
  }

  /** A copy of {@code length} bytes at {@code at}. */
  public byte[] array(long at, int length) throws CorruptFormatException {
    within(at, length);
    return memory.asSlice(at, length).toArray(JAVA_BYTE);
  }

  /** The text in a field of {@code length} bytes, up to its first NUL, as UTF-8. */
  public String text(long at, int length) throws CorruptFormatException {
    byte[] field = array(at, length);
    int end = 0;
    while (end < length && field[end] != 0) {
      end++;
    }
    return new String(field, 0, end, StandardCharsets.UTF_8);
  }

  /** Whether the bytes at {@code at} are those of {@code ascii}. */
  public boolean hasAscii(long at, String ascii) throws CorruptFormatException {
    within(at, ascii.length());
    for (int i = 0; i < ascii.length(); i++) {
      if (memory.get(JAVA_BYTE, at + i) != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** The UUID at {@code at}, stored in network order whatever the view's order. */
  public UUID uuid(long at) throws CorruptFormatException {
    within(at, 16);
    ValueLayout.OfLong network = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    return new UUID(memory.get(network, at), memory.get(network, at + 8));
  }

  /** The view of {@code length} bytes at {@code at}. */
  public Bytes slice(long at, long length) throws CorruptFormatException {
    within(at, length);
    return new Bytes(memory.asSlice(at, length), order, source, Math.addExact(origin, at));
  }

  /**
   * Demands something of the structure.
   *
   * @param at where the field in question lies, relative to the view
   * @param message a {@link java.util.Formatter} format for {@code arguments}
   * @throws CorruptFormatException if {@code condition} does not hold
   */
  public void check(boolean condition, long at, String message, Object... arguments)
      throws CorruptFormatException {
    if (!condition) {
      throw corrupt(at, message, arguments);
    }
  }

  /** The exception for a broken field at {@code at}, relative to the view. */
  public CorruptFormatException corrupt(long at, String message, Object... arguments) {
    return new CorruptFormatException(source, origin + at, message.formatted(arguments));
  }

  private void within(long at, long length) throws CorruptFormatException {
    if (at < 0 || length < 0 || at > memory.byteSize() - length) {
      throw corrupt(
          at, "field of %d bytes lies outside its structure of %d", length, memory.byteSize());
    }
  }
}
