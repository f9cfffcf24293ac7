package io.fallow.image.qcow2;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.device.Device;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * An internal snapshot: one entry of the snapshot table (specification: "Snapshots").
 *
 * @param id its unique ID
 * @param name its name, which may be empty
 * @param vmStateSize the size of the saved machine state in bytes; 0 if there is none
 * @param date when it was taken
 * @param virtualSize the guest disk's size in bytes at that time
 * @param l1TableOffset where its L1 table starts
 * @param l1Size entries of that table
 */
public record Snapshot(
    String id,
    String name,
    long vmStateSize,
    Instant date,
    long virtualSize,
    long l1TableOffset,
    int l1Size) {

  /** Fixed part of an entry. */
  private static final int FIXED = 40;

  /**
   * The snapshot table.
   *
   * @param snapshots its entries in order
   * @param size its size in bytes, without padding after the last entry
   */
  record Table(List<Snapshot> snapshots, long size) {}

  /** What users call it: its name, or its ID if it has none. */
  public String label() {
    return name.isEmpty() ? id : name;
  }

  static Table readTable(Device file, Qcow2Header header) throws IOException {
    List<Snapshot> snapshots = new ArrayList<>();
    long at = header.snapshotsOffset();
    long l1Bytes = 0;
    for (int i = 0; i < header.nbSnapshots(); i++) {
      Bytes fixed = file.bytes(at, FIXED, ByteOrder.BIG_ENDIAN);
      long extra = fixed.u32(36); // Size of extra data
      int idLength = fixed.u16(12); // Length of the unique ID string
      int nameLength = fixed.u16(14); // Length of the name
      fixed.check(
          extra <= Qcow2.MAX_SNAPSHOT_EXTRA, 36, "size of extra data is %d, above 1024", extra);
      int length = FIXED + (int) extra + idLength + nameLength;
      Snapshot snapshot = parse(file.bytes(at, length, ByteOrder.BIG_ENDIAN), header);
      snapshots.add(snapshot);
      at = Math.ceilDiv(at + length, 8L) * 8;
      l1Bytes += (long) snapshot.l1Size * Long.BYTES;
      if (at - header.snapshotsOffset() > Qcow2.MAX_SNAPSHOT_TABLE_BYTES
          || l1Bytes > Qcow2.MAX_SNAPSHOT_L1_BYTES) {
        throw new UnsupportedFeatureException(
            file.name(), List.of("more than 16 MiB of snapshot table or 64 MiB of its L1 tables"));
      }
    }
    return new Table(
        List.copyOf(snapshots), header.nbSnapshots() == 0 ? 0 : at - header.snapshotsOffset());
  }

  private static Snapshot parse(Bytes entry, Qcow2Header header) throws IOException {
    long l1TableOffset = entry.u63(0); // Offset of the L1 table
    long l1Size = entry.u32(8); // Number of entries in the L1 table
    int idLength = entry.u16(12); // Length of the unique ID string
    int nameLength = entry.u16(14); // Length of the name
    long seconds = entry.u32(16); // Time at which the snapshot was taken
    long nanoseconds = entry.u32(20); // Subsecond part of that time
    long vmStateSize = entry.u32(32); // Size of the VM state
    int extra = (int) entry.u32(36); // Size of extra data
    if (extra >= 8) {
      vmStateSize = entry.u63(40); // Size of the VM state
    }
    long virtualSize = extra >= 16 ? entry.u63(48) : header.virtualSize(); // Virtual disk size
    entry.check(
        (l1TableOffset & header.clusterSize() - 1) == 0 && l1TableOffset < Qcow2.MAX_HOST_OFFSET,
        0,
        "offset of a snapshot's L1 table 0x%x is not a multiple of the cluster size, or too large",
        l1TableOffset);
    entry.check(
        l1Size <= Qcow2.MAX_L1_BYTES / Long.BYTES,
        8,
        "a snapshot's L1 table has %d entries: it exceeds 32 MiB",
        l1Size);
    return new Snapshot(
        new String(entry.array(FIXED + extra, idLength), StandardCharsets.UTF_8),
        new String(entry.array(FIXED + extra + idLength, nameLength), StandardCharsets.UTF_8),
        vmStateSize,
        Instant.ofEpochSecond(seconds, nanoseconds),
        virtualSize,
        l1TableOffset,
        (int) l1Size);
  }
}
