package io.fallow.volume.mbr;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.volume.BootRecord;
import io.fallow.volume.MbrEntry;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * The size of the sectors in which a table counts. The table does not tell: it is 512 bytes on all
 * but disks that were shown to their guest with blocks of 4096.
 */
final class SectorSize {

  private static final int SMALL = 512;
  private static final int LARGE = 4096;

  /** As far as any known filesystem's first superblock lies from its start. */
  private static final int HEAD = 72 << 10;

  private static final int PIECE = 2048;

  private SectorSize() {}

  /**
   * The size that fits what the disk holds; empty if both do, and no choice is safe.
   *
   * @param used the primary entries that are not empty
   */
  static Optional<Integer> find(Device disk, List<MbrEntry> used) throws IOException {
    boolean fitsLarge = used.stream().allMatch(entry -> entry.endLba() <= disk.size() / LARGE);
    if (!fitsLarge) {
      return Optional.of(SMALL);
    }
    for (MbrEntry entry : used) {
      if (entry.isExtended()) {
        boolean small = isBootRecord(disk, entry.startingLba() * SMALL);
        boolean large = isBootRecord(disk, entry.startingLba() * LARGE);
        if (small != large) {
          return Optional.of(small ? SMALL : LARGE);
        }
        if (small) {
          return Optional.empty();
        }
      }
    }
    // With large sectors, the place that small ones would give the first partition is still before
    // it, where nothing is. With small ones, anything may lie at the other place: it decides
    // nothing unless the first is blank.
    MbrEntry first =
        used.stream()
            .min((one, other) -> Long.compare(one.startingLba(), other.startingLba()))
            .orElseThrow();
    boolean large =
        isBlank(disk, first.startingLba() * SMALL) && !isBlank(disk, first.startingLba() * LARGE);
    return Optional.of(large ? LARGE : SMALL);
  }

  private static boolean isBootRecord(Device disk, long offset) throws IOException {
    return BootRecord.isSigned(BootRecord.bytes(disk, offset));
  }

  private static boolean isBlank(Device disk, long offset) throws IOException {
    Extent head = new Extent(offset, Math.min(offset + HEAD, disk.size()));
    ExtentSet allocated = disk.allocated(head);
    for (Extent run : allocated) {
      // The first few bytes usually tell.
      for (long at = run.start(); at < run.end(); at += PIECE) {
        int length = (int) Math.min(PIECE, run.end() - at);
        if (!isZero(disk.bytes(at, length, ByteOrder.LITTLE_ENDIAN))) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean isZero(Bytes bytes) throws CorruptFormatException {
    for (long at = 0; at < bytes.size(); at++) {
      if (bytes.u8(at) != 0) {
        return false;
      }
    }
    return true;
  }
}
