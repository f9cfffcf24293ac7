package io.fallow.cli.report;

import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.plan.Plan;
import io.fallow.plan.VolumePlan;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** How each stretch of a guest's disk is used: the disk cut into equal cells. */
public final class DiskMap {

  /** What bytes of the disk can be. */
  public enum Kind {
    /** In use by a volume. */
    USED,
    /** To be given back. */
    RELEASABLE,
    /** Free, and taking no space. */
    HOLE,
    /** Free, but their space belongs to another owner too, or to a shared unit of allocation. */
    HELD,
    /** In a volume that is left alone. */
    REFUSED,
    /** In no volume. */
    OUTSIDE
  }

  private final long cellSize;
  private final int cells;
  private final Map<Kind, long[]> bytes = new EnumMap<>(Kind.class);

  private DiskMap(long size, int cells) {
    this.cellSize = Math.max(1, Math.ceilDiv(size, cells));
    this.cells = cells;
    for (Kind kind : Kind.values()) {
      bytes.put(kind, new long[cells]);
    }
  }

  /**
   * Draws up the map of a plan.
   *
   * @param cells how many, at least 1
   */
  public static DiskMap of(Plan plan, int cells) {
    Extent disk = plan.image().guest().extent();
    DiskMap map = new DiskMap(disk.length(), cells);
    ExtentSet.Builder alone = ExtentSet.builder();
    ExtentSet.Builder owned = ExtentSet.builder();
    for (VolumePlan volume : plan.volumes()) {
      boolean leftAlone = volume.refusal() != null || volume.ignored();
      (leftAlone ? alone : owned).add(volume.place());
    }
    ExtentSet held = plan.release().lost();
    for (ExtentSet set : plan.release().held().values()) {
      held = held.union(set);
    }
    ExtentSet refused = alone.build();
    ExtentSet volumes = owned.build().subtract(refused);
    map.add(Kind.REFUSED, refused);
    map.add(Kind.RELEASABLE, plan.release().releasable());
    map.add(Kind.HOLE, plan.release().holes());
    map.add(Kind.HELD, held);
    map.add(Kind.USED, volumes.subtract(plan.free()));
    map.add(Kind.OUTSIDE, volumes.union(refused).complement(disk));
    return map;
  }

  /** A map without a plan, of cells that are each of one kind. */
  public static DiskMap of(Kind... kinds) {
    DiskMap map = new DiskMap(kinds.length, kinds.length);
    for (int cell = 0; cell < kinds.length; cell++) {
      map.add(kinds[cell], ExtentSet.of(cell, cell + 1));
    }
    return map;
  }

  /** How many cells there are. */
  public int cells() {
    return cells;
  }

  /** The guest bytes that a cell stands for; the last cells may hold fewer. */
  public long cellSize() {
    return cellSize;
  }

  /** Whether any byte of the disk is of this kind. */
  public boolean has(Kind kind) {
    return Arrays.stream(sums(kind)).anyMatch(sum -> sum > 0);
  }

  /**
   * What most of a cell's bytes are. Space that something can be said about counts before space
   * that is merely empty: a used block in a wide hole shows.
   */
  public Kind kind(int cell) {
    Kind best = Kind.OUTSIDE;
    long most = 0;
    for (Kind kind : Kind.values()) {
      long sum = sums(kind)[cell];
      boolean empty = kind == Kind.HOLE || kind == Kind.OUTSIDE;
      long weight = empty ? sum : sum > Long.MAX_VALUE / 8 ? sum : sum * 8;
      if (weight > most) {
        most = weight;
        best = kind;
      }
    }
    return best;
  }

  private long[] sums(Kind kind) {
    return bytes.getOrDefault(kind, new long[cells]);
  }

  private void add(Kind kind, ExtentSet set) {
    long[] sums = sums(kind);
    set.forEachRun((start, end) -> {
      for (long at = start; at < end; ) {
        int cell = (int) (at / cellSize);
        long until = at + Math.min(end - at, cellSize - at % cellSize);
        sums[cell] += until - at;
        at = until;
      }
    });
  }
}
