package io.fallow.bytes;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/**
 * The Castagnoli checksum (RFC 3720, appendix B.4) in the raw form that Linux filesystems use: a
 * running register that starts at any seed and is not inverted at the end.
 *
 * <p>The JDK's {@link CRC32C} runs on the processor's own instruction but always starts at ~0. The
 * register is a bijection of any four bytes fed to it, so a chosen seed is reached by feeding four
 * bytes first that lead from ~0 to it.
 */
public final class Crc32c {

  /** The seed with which most formats start. */
  public static final int START = ~0;

  private static final int POLYNOMIAL = 0x82F63B78;
  private static final int[] TABLE = new int[256];

  /** The index of the entry of {@link #TABLE} with a given top byte; each occurs once. */
  private static final int[] BY_TOP_BYTE = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ POLYNOMIAL;
      }
      TABLE[i] = crc;
      BY_TOP_BYTE[crc >>> 24] = i;
    }
  }

  private final CRC32C crc = new CRC32C();

  private Crc32c() {}

  /** A checksum whose register holds {@code seed}. */
  public static Crc32c seeded(int seed) {
    Crc32c result = new Crc32c();
    if (seed != START) {
      result.u32le(beforeFourZeroBytes(seed) ^ START);
    }
    return result;
  }

  /** The register after {@code memory} was fed to it at {@code seed}. */
  public static int of(int seed, MemorySegment memory) {
    return seeded(seed).add(memory).value();
  }

  /** Feeds all bytes of {@code memory}. */
  public Crc32c add(MemorySegment memory) {
    crc.update(memory.asByteBuffer());
    return this;
  }

  /** Feeds {@code length} bytes of value {@code fill}. */
  public Crc32c fill(int fill, int length) {
    for (int i = 0; i < length; i++) {
      crc.update(fill);
    }
    return this;
  }

  /** Feeds a 16-bit number in little-endian order. */
  public Crc32c u16le(int value) {
    crc.update(value & 0xFF);
    crc.update(value >>> 8 & 0xFF);
    return this;
  }

  /** Feeds a 32-bit number in little-endian order. */
  public Crc32c u32le(int value) {
    return u16le(value).u16le(value >>> 16);
  }

  /** The register, not inverted. */
  public int value() {
    return ~(int) crc.getValue();
  }

  /** The register that four zero bytes would turn into {@code after}. */
  private static int beforeFourZeroBytes(int after) {
    int register = after;
    for (int i = 0; i < 4; i++) {
      int index = BY_TOP_BYTE[register >>> 24];
      register = (register ^ TABLE[index]) << 8 | index;
    }
    return register;
  }
}
