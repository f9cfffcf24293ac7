package io.fallow.volume.mbr;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.volume.BootRecord;
import io.fallow.volume.MbrEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The logical partitions in an extended one: a chain of boot records, each with one partition
 * (relative to that record) and one link to the next record (relative to the extended partition).
 *
 * <p>Linux, DOS and OS/2 disagree about chains that differ from this form, so those are refused.
 */
final class ExtendedChain {

  /** More logical partitions than any system makes; a longer chain is a loop or an attack. */
  static final int MAXIMUM = 128;

  private static final int FIRST_LOGICAL = 5;

  private final Device disk;
  private final Partition extended;
  private final int sectorSize;
  private final List<Partition> logical = new ArrayList<>();
  private final List<Long> records = new ArrayList<>();

  private ExtendedChain(Device disk, Partition extended, int sectorSize) {
    this.disk = disk;
    this.extended = extended;
    this.sectorSize = sectorSize;
  }

  /** Reads the chain of {@code extended}, which lies within the disk. */
  static List<Partition> read(Device disk, Partition extended, int sectorSize) throws IOException {
    ExtendedChain chain = new ExtendedChain(disk, extended, sectorSize);
    chain.follow();
    chain.checkOverlaps();
    return chain.logical;
  }

  private void follow() throws IOException {
    long at = extended.start();
    while (at >= 0) {
      Bytes boot = BootRecord.bytes(disk, at * sectorSize);
      if (records.isEmpty() && !BootRecord.isSigned(boot)) {
        return; // An extended partition in which nothing was ever made.
      }
      boot.check(BootRecord.isSigned(boot), 0x1FE, "extended boot record has no signature 55 aa");
      boot.check(
          records.size() < MAXIMUM, 0, "chain of more than %d extended boot records", MAXIMUM);
      records.add(at);
      at = step(boot, at);
    }
  }

  /** Takes one record's partition, and returns where the next record lies, or -1. */
  private long step(Bytes boot, long at) throws CorruptFormatException {
    long next = -1;
    boolean hasPartition = false;
    for (MbrEntry entry : BootRecord.read(boot).entries()) {
      if (entry.isEmpty()) {
        continue;
      }
      if (entry.isExtended()) {
        boot.check(next < 0, BootRecord.PARTITION_RECORD, "extended boot record has two links");
        next = extended.start() + entry.startingLba();
        // Links that only advance cannot loop.
        boot.check(
            next > at && next < extended.end(),
            BootRecord.PARTITION_RECORD,
            "link to sector %d does not lead forward within the extended partition %d..%d",
            next,
            extended.start(),
            extended.end() - 1);
      } else {
        boot.check(
            !hasPartition, BootRecord.PARTITION_RECORD, "extended boot record has two partitions");
        hasPartition = true;
        long start = at + entry.startingLba();
        long end = start + entry.sizeInLba();
        boot.check(
            entry.startingLba() > 0 && extended.contains(start, end),
            BootRecord.PARTITION_RECORD,
            "logical partition at sectors %d..%d is not within its extended one %d..%d",
            start,
            end - 1,
            extended.start(),
            extended.end() - 1);
        logical.add(new Partition(FIRST_LOGICAL + logical.size(), entry.osType(), start, end));
      }
    }
    return next;
  }

  private void checkOverlaps() throws CorruptFormatException {
    for (Partition partition : logical) {
      for (long record : records) {
        check(
            record < partition.start() || record >= partition.end(),
            "partition %d covers the extended boot record at sector %d",
            partition.number(),
            record);
      }
      for (Partition other : logical) {
        check(
            other.number() >= partition.number() || !other.overlaps(partition),
            "partitions %d and %d overlap",
            other.number(),
            partition.number());
      }
    }
  }

  private void check(boolean condition, String message, Object... arguments)
      throws CorruptFormatException {
    if (!condition) {
      throw new CorruptFormatException(
          disk.name(), extended.start() * sectorSize, message.formatted(arguments));
    }
  }
}
