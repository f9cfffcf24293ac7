package io.fallow.image.qcow2;

import io.fallow.device.HostFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What an image's parts share: the header, the L1 tables, and the L2 tables that were read.
 *
 * @param file the image's file
 * @param header its header
 * @param l1 the active L1 table
 * @param snapshots the snapshot table
 * @param l2 the L2 tables
 * @param entries the form of their entries
 */
record Tables(
    HostFile file,
    Qcow2Header header,
    L1Table l1,
    Snapshot.Table snapshots,
    L2Cache l2,
    L2Entries entries) {

  static Tables read(HostFile file) throws IOException {
    Qcow2Header header = Qcow2Header.read(file);
    Snapshot.Table snapshots = Snapshot.readTable(file, header);
    L1Table l1 = L1Table.read(file, header.l1TableOffset(), header.l1Size(), header.clusterSize());
    return new Tables(
        file, header, l1, snapshots, new L2Cache(file, header.clusterSize()), L2Entries.of(header));
  }

  /** The L1 tables of the snapshots, in the order of the snapshots. */
  List<L1Table> snapshotL1s() throws IOException {
    List<L1Table> tables = new ArrayList<>();
    for (Snapshot snapshot : snapshots.snapshots()) {
      tables.add(
          L1Table.read(file, snapshot.l1TableOffset(), snapshot.l1Size(), header.clusterSize()));
    }
    return tables;
  }
}
