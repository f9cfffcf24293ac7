package io.fallow.tests.reads;

import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.util.List;

/** The bytes of a disk that cannot be left unread, in whole sectors: the smallest unit of I/O. */
final class Needs {

  private static final int SECTOR = 512;

  /** Sectors that tell the formats apart which Fallow or libblkid knows, from the start. */
  private static final List<Integer> FROM_START =
      List.of(
          0x0, 0x200, 0x400, 0x600, 0x800, 0xA00, 0xC00, 0xE00, 0x1000, 0x1200, 0x1400, 0x1E00,
          0x2000, 0x2400, 0x2600, 0x3E00, 0x4000, 0x4A00, 0x7E00, 0x8000, 0x8800, 0x9000, 0x9800,
          0xA000, 0xA800, 0xB000, 0xB800, 0xC000, 0xC800, 0xD000, 0xD800, 0xE000, 0xE800, 0xF000,
          0xF800, 0xFE00, 0x10000, 0x10400, 0x20000, 0x40000, 0x40400, 0x44000, 0x80000, 0x100000,
          0x200000, 0x400000);

  /** The same from the end, as the number of the sector counted backwards. */
  private static final List<Integer> FROM_END =
      List.of(1, 2, 8, 11, 16, 63, 255, 256, 257, 399, 591, 675, 735, 911, 951, 974, 991, 3087);

  private final ExtentSet.Builder sectors = ExtentSet.builder();

  /** The places of all signatures on a device of {@code size} bytes. */
  static ExtentSet signatures(long size) {
    Needs places = new Needs();
    FROM_START.forEach(at -> places.add(at, SECTOR));
    FROM_END.forEach(sector -> places.add((size / SECTOR - sector) * SECTOR, SECTOR));
    places.add(size / 65_536 * 65_536 - 65_536, SECTOR); // md 0.90
    places.add(size / 4096 * 4096 - 8192, SECTOR); // md 1.0
    places.add(size / 4096 * 4096 - 4096, SECTOR); // drbd, and GPT with large sectors
    places.add(size / 262_144 * 262_144 - 507_904, SECTOR); // zfs
    places.add(size / 262_144 * 262_144 - 245_760, SECTOR);
    return places.set().clip(new Extent(0, size));
  }

  Needs add(long offset, long length) {
    long start = offset / SECTOR * SECTOR;
    long end = Math.ceilDiv(offset + length, SECTOR) * SECTOR;
    sectors.add(start, end);
    return this;
  }

  Needs addAll(ExtentSet bytes) {
    sectors.addAll(bytes);
    return this;
  }

  ExtentSet set() {
    return sectors.build();
  }
}
