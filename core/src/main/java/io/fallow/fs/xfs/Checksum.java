package io.fallow.fs.xfs;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.Crc32c;

/** The CRC32c of version 5 structures: over the whole structure with the checksum's field zero. */
final class Checksum {

  private static final int FIELD = 4;

  private Checksum() {}

  /** What the field at {@code at} should hold, in the little-endian order in which it is stored. */
  static int of(Bytes structure, long at) throws CorruptFormatException {
    Crc32c crc = Crc32c.seeded(Crc32c.START);
    crc.add(structure.slice(0, at).memory()).fill(0, FIELD);
    crc.add(structure.slice(at + FIELD, structure.size() - at - FIELD).memory());
    return Integer.reverseBytes(~crc.value());
  }

  /**
   * Demands that the checksum in the field {@code name} at {@code at} is that of the structure.
   *
   * @throws CorruptFormatException if it is not
   */
  static void check(Bytes structure, long at, String name) throws CorruptFormatException {
    int expected = of(structure, at);
    int found = structure.bits32(at);
    structure.check(found == expected, at, "%s 0x%08x, expected 0x%08x", name, found, expected);
  }
}
