package io.fallow.image.qcow2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tells which snapshots keep a guest cluster's host clusters. */
final class SnapshotHolders {

  /** Names that a text lists; the others are counted. */
  private static final int LISTED = 3;

  private final Tables tables;
  private final List<L1Table> l1s;

  /** For the L1 index looked at last: the snapshots that use each L2 table, by its offset. */
  private SortedMap<Long, BitSet> users = new TreeMap<>();

  private int usersOf = -1;
  private BitSet lastHolders = new BitSet();
  private String lastText = "";

  SnapshotHolders(Tables tables) throws IOException {
    this.tables = tables;
    this.l1s = tables.snapshotL1s();
  }

  /**
   * The snapshots that map a guest cluster to the same place as the active state does.
   *
   * @param entry the active L2 entry
   * @return their names, as in {@code snapshot NAME}; null if there are none
   */
  @Nullable String holders(int l1Index, int l2Index, long entry) throws IOException {
    if (l1s.isEmpty()) {
      return null;
    }
    if (usersOf != l1Index) {
      findUsers(l1Index);
    }
    BitSet holders = new BitSet();
    for (var user : users.entrySet()) {
      long other = tables.l2().table(user.getKey())[l2Index];
      if ((other & ~Qcow2.COPIED & ~Qcow2.L2_ZERO) == (entry & ~Qcow2.COPIED & ~Qcow2.L2_ZERO)) {
        holders.or(user.getValue());
      }
    }
    return holders.isEmpty() ? null : text(holders);
  }

  private void findUsers(int l1Index) {
    users = new TreeMap<>();
    for (int i = 0; i < l1s.size(); i++) {
      long offset = l1s.get(i).l2Offset(l1Index);
      if (offset != 0) {
        users.computeIfAbsent(offset, key -> new BitSet()).set(i);
      }
    }
    usersOf = l1Index;
  }

  /** Mostly the same snapshots hold one cluster after the other, so the last text is kept. */
  private String text(BitSet holders) {
    if (!holders.equals(lastHolders)) {
      List<String> names = new ArrayList<>();
      holders.stream()
          .limit(LISTED)
          .forEach(i -> names.add(tables.snapshots().snapshots().get(i).label()));
      int more = holders.cardinality() - names.size();
      lastText =
          "snapshot "
              + String.join(", ", names)
              + (more == 0 ? "" : " and %d more".formatted(more));
      lastHolders = holders;
    }
    return lastText;
  }
}
