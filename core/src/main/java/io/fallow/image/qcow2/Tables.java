package io.fallow.image.qcow2;

import io.fallow.device.HostFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What an image's parts share: the header, the L1 table, the snapshot table, and the L2 tables that
 * were read.
 */
final class Tables {

  private final HostFile file;
  private final L2Cache l2;
  private Qcow2Header header;
  private Snapshot.Table snapshots;
  private L1Table l1;
  private int changes;

  /** Reads the tables of the image in {@code file}. */
  Tables(HostFile file) throws IOException {
    this.file = file;
    this.header = Qcow2Header.read(file);
    this.snapshots = Snapshot.readTable(file, header);
    this.l1 = L1Table.read(file, header);
    this.l2 = new L2Cache(file, header.clusterSize());
  }

  /** Forgets what was read and reads it again, since the file changed. */
  void reload() throws IOException {
    changes++;
    l2.clear();
    header = Qcow2Header.read(file);
    snapshots = Snapshot.readTable(file, header);
    l1 = L1Table.read(file, header);
  }

  /** The image's file. */
  HostFile file() {
    return file;
  }

  /** The header. */
  Qcow2Header header() {
    return header;
  }

  /** The active L1 table. */
  L1Table l1() {
    return l1;
  }

  /** The snapshot table. */
  Snapshot.Table snapshots() {
    return snapshots;
  }

  /** The L2 tables. */
  L2Cache l2() {
    return l2;
  }

  /** The form of their entries. */
  L2Entries entries() {
    return L2Entries.of(header);
  }

  /** How often the file changed. */
  int changes() {
    return changes;
  }

  /** The L1 tables of the snapshots, in the order of the snapshots. */
  List<L1Table> snapshotL1s() throws IOException {
    List<L1Table> tables = new ArrayList<>();
    for (Snapshot snapshot : snapshots.snapshots()) {
      tables.add(L1Table.read(file, snapshot, header.clusterSize()));
    }
    return tables;
  }
}
