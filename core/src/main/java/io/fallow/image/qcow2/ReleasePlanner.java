package io.fallow.image.qcow2;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.image.qcow2.CheckResult.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Works out what becomes of a set of free guest bytes, cluster by cluster of the active state.
 *
 * <p>A standard cluster is released if nothing but its one entry refers to its host cluster. What a
 * snapshot refers to as well is held by it: giving up one of two references frees nothing. A
 * compressed cluster gives up its references to the host clusters that it touches; each of those is
 * free once the last one is gone.
 */
final class ReleasePlanner {

  /** Why a version 2 overlay keeps its clusters: the backing file would show through. */
  private static final String NO_ZERO_FLAG = "the backing file (version 2 has no zero flag)";

  private static final String ALIAS = "another cluster of the image";

  private final Tables tables;
  private final Qcow2Header header;
  private final L2Entries entries;
  private final long clusterSize;
  private final int clusterBits;
  private final long virtualSize;
  private final Check check;
  private final ReferenceCounts counts;
  private final SnapshotHolders snapshots;
  private final boolean keepsStale;

  private final ExtentSet.Builder releasable = ExtentSet.builder();
  private final ExtentSet.Builder holes = ExtentSet.builder();
  private final ExtentSet.Builder lost = ExtentSet.builder();
  private final SortedMap<String, ExtentSet.Builder> held = new TreeMap<>();
  private final ExtentSet.Builder freed = ExtentSet.builder();
  private long[] lowered = new long[16];
  private int loweredCount;

  private ReleasePlanner(Tables tables, Check check) throws IOException {
    this.tables = tables;
    this.header = tables.header();
    this.entries = tables.entries();
    this.clusterSize = header.clusterSize();
    this.clusterBits = header.clusterBits();
    this.virtualSize = header.virtualSize();
    this.check = check;
    this.counts = check.counts();
    this.snapshots = new SnapshotHolders(tables);
    this.keepsStale = header.version() < 3 && header.backingFile().isPresent();
  }

  /**
   * Checks the image and plans a release.
   *
   * @throws CorruptFormatException if the check finds more than leaks
   */
  static ReleasePlan plan(Tables tables, ExtentSet free) throws IOException {
    Qcow2Header header = tables.header();
    if (header.corrupt()) {
      throw new CorruptFormatException(
          tables.file().name(),
          Qcow2Header.INCOMPATIBLE_FEATURES_AT,
          "incompatible_features has the corrupt bit set; repair it with \"qemu-img check -r all\"");
    }
    Check check = Check.run(tables);
    check.findings().refuse(tables.file().name(), Kind.CORRUPTION);
    if (!header.dirty()) {
      check.findings().refuse(tables.file().name(), Kind.STALE);
    } else {
      CopiedFlags.check(tables, check.counts());
    }
    ReleasePlanner planner = new ReleasePlanner(tables, check);
    planner.classify(free);
    return planner.finish();
  }

  private void classify(ExtentSet free) throws IOException {
    ExtentSet inside = free.clip(new Extent(0, virtualSize));
    long span = header.l2Span();
    for (int run = 0; run < inside.runs(); run++) {
      for (long start = inside.start(run); start < inside.end(run); ) {
        long end = Math.min(inside.end(run), (start / span + 1) * span);
        classifyPart((int) (start / span), start, end);
        start = end;
      }
    }
  }

  /** Classifies bytes that one L2 table maps. */
  private void classifyPart(int l1Index, long start, long end) throws IOException {
    long l2Offset = tables.l1().l2Offset(l1Index);
    if (l2Offset == 0) {
      holes.add(start, end);
      return;
    }
    long[] table = tables.l2().table(l2Offset);
    if (tables.l2().isEmpty(table)) {
      holes.add(start, end);
      return;
    }
    boolean shared = counts.count(l2Offset >>> clusterBits) > 1;
    int mask = table.length - 1;
    for (long at = start; at < end; ) {
      long cluster = at >>> clusterBits;
      int l2Index = (int) cluster & mask;
      if (!L2Entries.kind(table[l2Index]).isAllocated()) {
        // Most of a disk that is released holds nothing, in long stretches.
        long after = cluster + 1;
        while (after << clusterBits < end
            && !L2Entries.kind(table[(int) after & mask]).isAllocated()) {
          after++;
        }
        long holeEnd = Math.min(end, after << clusterBits);
        holes.add(at, holeEnd);
        at = holeEnd;
        continue;
      }
      long clusterStart = cluster << clusterBits;
      long clusterEnd = Math.min(clusterStart + clusterSize, virtualSize);
      long partEnd = Math.min(end, clusterEnd);
      if (at > clusterStart || partEnd < clusterEnd) {
        lost.add(at, partEnd);
      } else {
        classifyCluster(l1Index, l2Index, table[l2Index], shared, at, partEnd);
      }
      at = partEnd;
    }
  }

  private void classifyCluster(
      int l1Index, int l2Index, long entry, boolean shared, long start, long end)
      throws IOException {
    if (keepsStale) {
      hold(NO_ZERO_FLAG, start, end);
      return;
    }
    boolean compressed = L2Entries.kind(entry) == L2Entries.Kind.COMPRESSED;
    boolean sharesHost = !compressed && counts.count(entries.firstHostCluster(entry)) > 1;
    if (shared || sharesHost || compressed) {
      String holders = snapshots.holders(l1Index, l2Index, entry);
      if (holders != null || shared || sharesHost) {
        hold(holders == null ? ALIAS : holders, start, end);
        return;
      }
    }
    releasable.add(start, end);
    long last = entries.lastHostCluster(entry);
    for (long cluster = entries.firstHostCluster(entry); cluster <= last; cluster++) {
      counts.subtract(cluster);
      if (counts.count(cluster) == 0) {
        freed.add(cluster << clusterBits, (cluster + 1) << clusterBits);
      } else {
        lower(cluster);
      }
    }
  }

  private void hold(String owner, long start, long end) {
    held.computeIfAbsent(owner, key -> ExtentSet.builder()).add(start, end);
  }

  /** Notes that a cluster has fewer references, and some left for now. */
  private void lower(long cluster) {
    if (loweredCount == lowered.length) {
      lowered = Arrays.copyOf(lowered, loweredCount * 2);
    }
    lowered[loweredCount++] = cluster;
  }

  private ReleasePlan finish() throws IOException {
    ExtentSet owned = freed.build();
    // An extension that is not understood may refer to clusters that look leaked.
    ExtentSet leaked = header.unknownExtensions() ? ExtentSet.empty() : check.leaked();
    ExtentSet kept = header.unknownExtensions() ? check.leaked() : ExtentSet.empty();
    if (!header.dirty() && !header.unknownExtensions()) {
      RefcountChanges tooHigh = check.corrections();
      for (int i = 0; i < tooHigh.size(); i++) {
        lower(tooHigh.cluster(i));
      }
    }
    long fileSize = tables.file().size();
    long end = Math.min(endOfUsed(kept), fileSize);
    ExtentSet allocated = tables.file().allocated(tables.file().extent());
    ExtentSet unused = unused(allocated).subtract(kept);
    ExtentSet punched =
        unused.clip(new Extent(0, end)).alignInward(tables.file().limits().granularity());
    ExtentSet given = punched.union(unused.clip(new Extent(end, fileSize)));
    SortedMap<String, ExtentSet> holders = new TreeMap<>();
    held.forEach((owner, set) -> holders.put(owner, set.build()));
    return new ReleasePlan(
        releasable.build(),
        holes.build(),
        holders,
        lost.build(),
        check.corrections(),
        owned.union(leaked),
        loweredChanges(),
        punched,
        end,
        given.total(),
        given.subtract(owned).total());
  }

  /** The new refcounts of clusters that keep some references, and had more or too many. */
  private RefcountChanges loweredChanges() {
    long[] sorted = Arrays.copyOf(lowered, loweredCount);
    Arrays.sort(sorted);
    RefcountChanges changes = new RefcountChanges();
    for (int i = 0; i < sorted.length; i++) {
      boolean first = i == 0 || sorted[i] != sorted[i - 1];
      int left = counts.count(sorted[i]);
      if (first && left > 0) {
        changes.add(sorted[i], left);
      }
    }
    return changes;
  }

  /** The bytes of {@code allocated} that lie in host clusters without a reference. */
  private ExtentSet unused(ExtentSet allocated) {
    ExtentSet.Builder unused = ExtentSet.builder();
    allocated.forEachRun((start, end) -> {
      for (long at = start; at < end; ) {
        long cluster = at >>> clusterBits;
        boolean used = isUsed(cluster);
        long after = cluster + 1;
        while (after << clusterBits < end && isUsed(after) == used) {
          after++;
        }
        long stretchEnd = Math.min(end, after << clusterBits);
        if (!used) {
          unused.add(at, stretchEnd);
        }
        at = stretchEnd;
      }
    });
    return unused.build();
  }

  private boolean isUsed(long cluster) {
    return cluster >= counts.clusters() || counts.count(cluster) > 0;
  }

  /** The end of the last host cluster that stays in use. */
  private long endOfUsed(ExtentSet kept) {
    long cluster = counts.clusters() - 1;
    while (cluster > 0 && counts.count(cluster) == 0) {
      long chunk = cluster - cluster % ReferenceCounts.CHUNK;
      cluster = counts.isUnused(chunk, cluster + 1) ? Math.max(chunk - 1, 0) : cluster - 1;
    }
    long end = (cluster + 1) * clusterSize;
    return kept.isEmpty() ? end : Math.max(end, kept.end(kept.runs() - 1));
  }
}
