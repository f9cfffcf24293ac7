package io.fallow.fs.ext;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The checksum of group descriptors with RO_COMPAT_GDT_CSUM: CRC-16/ARC, from any register. */
final class Crc16 {

  /** The register with which a descriptor's checksum starts. */
  static final int START = 0xFFFF;

  private static final int POLYNOMIAL = 0xA001;
  private static final int[] TABLE = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ POLYNOMIAL;
      }
      TABLE[i] = crc;
    }
  }

  private Crc16() {}

  /** The register after {@code memory} was fed to it at {@code register}. */
  static int of(int register, MemorySegment memory) {
    int crc = register;
    for (long at = 0; at < memory.byteSize(); at++) {
      crc = step(crc, memory.get(ValueLayout.JAVA_BYTE, at));
    }
    return crc;
  }

  /** The register after a 32-bit number in little-endian order was fed to it. */
  static int u32le(int register, int value) {
    int crc = register;
    for (int shift = 0; shift < 32; shift += 8) {
      crc = step(crc, value >>> shift);
    }
    return crc;
  }

  private static int step(int crc, int value) {
    return crc >>> 8 ^ TABLE[(crc ^ value) & 0xFF];
  }
}
