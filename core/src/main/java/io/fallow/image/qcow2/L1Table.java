package io.fallow.image.qcow2;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import java.io.IOException;

/**
 * An L1 table: which L2 table maps each part of the guest's disk, in the active state or a
 * snapshot.
 */
final class L1Table {

  private final String source;
  private final long offset;
  private final long[] entries;
  private final long clusterMask;

  private L1Table(String source, long offset, long[] entries, int clusterSize) {
    this.source = source;
    this.offset = offset;
    this.entries = entries;
    this.clusterMask = clusterSize - 1L;
  }

  /** Reads the active table. */
  static L1Table read(Device file, Qcow2Header header) throws IOException {
    return read(file, header.l1TableOffset(), header.l1Size(), header.clusterSize());
  }

  /** Reads the table of a snapshot. */
  static L1Table read(Device file, Snapshot snapshot, int clusterSize) throws IOException {
    return read(file, snapshot.l1TableOffset(), snapshot.l1Size(), clusterSize);
  }

  private static L1Table read(Device file, long offset, int size, int clusterSize)
      throws IOException {
    return new L1Table(file.name(), offset, HostReader.table(file, offset, size), clusterSize);
  }

  /** The number of entries. */
  int size() {
    return entries.length;
  }

  /** The raw entry. */
  long entry(int index) {
    return entries[index];
  }

  /** Where an entry lies in the file. */
  long entryOffset(int index) {
    return offset + (long) index * Long.BYTES;
  }

  /** Where the L2 table starts; 0 if there is none, or {@code index} lies beyond the table. */
  long l2Offset(int index) {
    return index < entries.length ? entries[index] & Qcow2.OFFSET_MASK : 0;
  }

  /** Whether an entry keeps to the specification. */
  boolean isSound(int index) {
    return (entries[index] & Qcow2.L1_RESERVED) == 0 && (l2Offset(index) & clusterMask) == 0;
  }

  /** Demands that an entry keeps to the specification. */
  void checkSound(int index) throws CorruptFormatException {
    if (!isSound(index)) {
      throw new CorruptFormatException(source, entryOffset(index), fault(index));
    }
  }

  /** What is wrong with an entry that is not sound. */
  String fault(int index) {
    return "L1 entry 0x%016x %s"
        .formatted(
            entries[index],
            (entries[index] & Qcow2.L1_RESERVED) != 0
                ? "has reserved bits set"
                : "has an offset that is not a multiple of the cluster size");
  }
}
