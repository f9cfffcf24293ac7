package io.fallow.image.qcow2;

import io.fallow.extent.ExtentSet;
import io.fallow.image.qcow2.CheckResult.Kind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A full check of refcounts and overlaps: every reference to a host cluster is counted, from the
 * header, the refcount structures, the snapshot table, all L1 and L2 tables and the guest's
 * clusters, and compared with the stored refcounts. Metadata alone is read, each table once.
 */
final class Check {

  /** Bytes of neighbouring L2 tables that are read in one go. */
  private static final int RUN_BYTES = 4 << 20;

  /** Runs of leaked clusters that are remembered; the rest waits for the next check. */
  private static final int MAX_LEAKED_RUNS = 1 << 19;

  /** Refcounts of a clean image that are corrected in one go; the rest waits for the next check. */
  private static final int MAX_CORRECTIONS = 1 << 19;

  /** Marks an offset of an L2 table as one that the active L1 table refers to. */
  private static final long ACTIVE = 1;

  private final Tables tables;
  private final Qcow2Header header;
  private final L2Entries entries;
  private final int clusterSize;
  private final int clusterBits;
  private final long fileSize;
  private final Findings findings = new Findings();
  private final ReferenceCounts counts;
  private final Refcounts refcounts;
  private final ExtentSet.Builder leaked = ExtentSet.builder();
  private final RefcountChanges corrections = new RefcountChanges();
  private final ClusterSet compressedClusters;
  private long leakedRunEnd = -1;
  private int leakedRuns;
  private long allocated;
  private long fragmented;
  private long compressed;
  private long highestCluster;

  private Check(Tables tables) throws IOException {
    this.tables = tables;
    this.header = tables.header();
    this.entries = tables.entries();
    this.clusterSize = header.clusterSize();
    this.clusterBits = header.clusterBits();
    this.fileSize = tables.file().size();
    this.counts =
        new ReferenceCounts(
            tables.file().name(), Math.ceilDiv(fileSize, (long) header.clusterSize()));
    this.compressedClusters = new ClusterSet(counts.clusters());
    this.refcounts = Refcounts.read(tables.file(), header);
  }

  /** Checks an image. */
  static Check run(Tables tables) throws IOException {
    Check check = new Check(tables);
    check.countMetadata();
    check.countL2Tables();
    check.compare();
    return check;
  }

  /** What was found. */
  CheckResult result() {
    return new CheckResult(
        (highestCluster + 1) * clusterSize,
        Math.ceilDiv(header.virtualSize(), (long) clusterSize),
        allocated,
        fragmented,
        compressed,
        findings.count(Kind.LEAK),
        findings.count(Kind.CORRUPTION) + findings.count(Kind.STALE),
        findings.kept());
  }

  /** All that is wrong. */
  Findings findings() {
    return findings;
  }

  /** The references to each host cluster. */
  ReferenceCounts counts() {
    return counts;
  }

  /** The stored refcounts. */
  Refcounts refcounts() {
    return refcounts;
  }

  /** Host clusters, in bytes, to which nothing refers although their refcount is not 0. */
  ExtentSet leaked() {
    return leaked.build();
  }

  /**
   * What makes stored refcounts agree with the references of clusters that have any. Of a dirty
   * image, whose refcounts may be stale, all; of others, those that are too high and can fall
   * without a change of a copied flag.
   */
  RefcountChanges corrections() {
    return corrections;
  }

  private void countMetadata() throws IOException {
    countRegion("header", 0, clusterSize);
    countRegion(
        "refcount table",
        header.refcountTableOffset(),
        (long) header.refcountTableClusters() * clusterSize);
    countRegion("snapshot table", header.snapshotsOffset(), tables.snapshots().size());
    countRegion("L1 table", header.l1TableOffset(), (long) header.l1Size() * Long.BYTES);
    for (Snapshot snapshot : tables.snapshots().snapshots()) {
      countRegion(
          "snapshot's L1 table", snapshot.l1TableOffset(), (long) snapshot.l1Size() * Long.BYTES);
    }
    for (int i = 0; i < refcounts.tableSize(); i++) {
      long entry = refcounts.entry(i);
      if (!refcounts.isSound(i)) {
        findings.add(
            Kind.CORRUPTION,
            refcounts.entryOffset(i),
            "refcount table entry 0x%016x %s",
            entry,
            (entry & Qcow2.REFCOUNT_TABLE_RESERVED) != 0
                ? "has reserved bits set"
                : "names no cluster within the file");
      } else if (entry != 0) {
        countRegion("refcount block", entry, clusterSize);
      }
    }
  }

  /** Counts one reference to each cluster of a structure that shares its clusters with none. */
  private void countRegion(String name, long offset, long length) throws IOException {
    for (long at = offset; at < offset + length; at += clusterSize) {
      if (at >= fileSize) {
        findings.add(Kind.CORRUPTION, at, "%s lies beyond the file's end", name);
        return;
      }
      long cluster = at >>> clusterBits;
      if (counts.count(cluster) > 0) {
        findings.add(Kind.CORRUPTION, at, "%s overlaps other metadata", name);
      }
      counts.addMetadata(cluster, 1);
    }
  }

  private void countL2Tables() throws IOException {
    OffsetList offsets = new OffsetList();
    collect(tables.l1(), ACTIVE, offsets);
    for (L1Table l1 : tables.snapshotL1s()) {
      collect(l1, 0, offsets);
    }
    long[] sorted = offsets.sorted();
    int[] weights = new int[sorted.length];
    int distinct = merge(sorted, weights);
    for (int i = 0; i < distinct; i++) {
      long offset = sorted[i] & ~ACTIVE;
      if (counts.count(offset >>> clusterBits) > 0) {
        findings.add(Kind.CORRUPTION, offset, "L2 table overlaps other metadata");
      }
      counts.addMetadata(offset >>> clusterBits, weights[i]);
    }
    readTables(sorted, weights, distinct);
  }

  /** Collects the offsets of the L2 tables that an L1 table refers to, those that can be read. */
  private void collect(L1Table l1, long mark, OffsetList offsets) throws IOException {
    for (int i = 0; i < l1.size(); i++) {
      long entry = l1.entry(i);
      if (entry == 0) {
        continue;
      }
      long offset = l1.l2Offset(i);
      if (!l1.isSound(i)) {
        findings.add(Kind.CORRUPTION, l1.entryOffset(i), "%s", l1.fault(i));
      } else if (offset >= fileSize) {
        findings.add(
            Kind.CORRUPTION,
            l1.entryOffset(i),
            "L1 entry 0x%016x names an L2 table beyond the file's end",
            entry);
      } else if (offset != 0) {
        offsets.add(offset | mark);
        if (mark == ACTIVE) {
          checkCopied("L1", l1.entryOffset(i), entry, offset);
        }
      }
    }
  }

  /** Drops repeated offsets, and counts how often each was there. */
  private int merge(long[] sorted, int[] weights) {
    int distinct = 0;
    for (int i = 0; i < sorted.length; i++) {
      boolean again = distinct > 0 && (sorted[distinct - 1] & ~ACTIVE) == (sorted[i] & ~ACTIVE);
      if (!again) {
        sorted[distinct++] = sorted[i];
      } else {
        if ((sorted[distinct - 1] & sorted[i] & ACTIVE) != 0) {
          findings.add(
              Kind.CORRUPTION, sorted[i] & ~ACTIVE, "L2 table is used twice in the L1 table");
        }
        sorted[distinct - 1] |= sorted[i];
      }
      weights[distinct - 1]++;
    }
    return distinct;
  }

  /** Reads the tables in the order of the file, neighbours together, and counts what they hold. */
  private void readTables(long[] offsets, int[] weights, int count) throws IOException {
    byte[] buffer = new byte[0];
    for (int i = 0; i < count; ) {
      long start = offsets[i] & ~ACTIVE;
      int run = 1;
      while (i + run < count
          && (long) (run + 1) * clusterSize <= RUN_BYTES
          && (offsets[i + run] & ~ACTIVE) == start + (long) run * clusterSize) {
        run++;
      }
      if (run > 1
          && tables.l2().cached(start) == null
          && !tables.l2().isHole(start, (long) run * clusterSize)) {
        if (buffer.length < run * clusterSize) {
          buffer = new byte[run * clusterSize];
        }
        MemorySegment memory = MemorySegment.ofArray(buffer).asSlice(0, (long) run * clusterSize);
        tables.l2().readRun(start, run, memory);
      }
      for (int j = 0; j < run; j++) {
        long offset = offsets[i + j] & ~ACTIVE;
        countTable(
            offset, tables.l2().table(offset), weights[i + j], (offsets[i + j] & ACTIVE) != 0);
      }
      i += run;
    }
  }

  private void countTable(long offset, long[] table, int weight, boolean active)
      throws IOException {
    if (tables.l2().isEmpty(table)) {
      return;
    }
    long expected = 0;
    for (int i = 0; i < table.length; i++) {
      long entry = table[i];
      if (entry == 0) {
        continue;
      }
      long at = offset + (long) i * Long.BYTES;
      String fault = entries.fault(entry);
      if (fault != null) {
        findings.add(Kind.CORRUPTION, at, "L2 entry 0x%016x %s", entry, fault);
      }
      L2Entries.Kind kind = L2Entries.kind(entry);
      if (!kind.isAllocated()) {
        continue;
      }
      countClusters(at, entry, weight);
      if (!active) {
        continue;
      }
      allocated++;
      if (kind == L2Entries.Kind.COMPRESSED) {
        // Neighbours share sectors, so QEMU reckons each of them as fragmented.
        compressed++;
        fragmented++;
        continue;
      }
      long host = L2Entries.hostOffset(entry);
      if (expected != 0 && host != expected) {
        fragmented++;
      }
      expected = host + clusterSize;
      if (host < fileSize) {
        checkCopied("L2", at, entry, host);
      }
    }
  }

  /** Counts the references of one allocated entry. */
  private void countClusters(long at, long entry, int weight) throws IOException {
    long first = entries.firstHostCluster(entry);
    long last = entries.lastHostCluster(entry);
    if (last >= counts.clusters()) {
      findings.add(
          Kind.CORRUPTION, at, "L2 entry 0x%016x names clusters beyond the file's end", entry);
      return;
    }
    for (long cluster = first; cluster <= last; cluster++) {
      if (counts.isMetadata(cluster)) {
        findings.add(
            Kind.CORRUPTION,
            at,
            "L2 entry 0x%016x names a cluster that holds metadata, at 0x%x",
            entry,
            cluster * clusterSize);
      }
      counts.add(cluster, weight);
      if (L2Entries.kind(entry) == L2Entries.Kind.COMPRESSED) {
        compressedClusters.add(cluster);
      }
    }
  }

  /** The copied flag of an active entry says that the stored refcount is exactly one. */
  private void checkCopied(String level, long at, long entry, long host) throws IOException {
    long stored = refcounts.stored(host >>> clusterBits);
    boolean copied = (entry & Qcow2.COPIED) != 0;
    if (copied != (stored == 1)) {
      findings.add(
          Kind.STALE,
          at,
          "%s entry 0x%016x has the copied flag %s, but the refcount is %s",
          level,
          entry,
          copied ? "set" : "clear",
          Long.toUnsignedString(stored));
    }
  }

  /** Compares the references that were counted with the stored refcounts. */
  private void compare() throws IOException {
    int perBlock = header.refcountBlockEntries();
    for (long start = 0; start < counts.clusters(); start += perBlock) {
      long end = Math.min(start + perBlock, counts.clusters());
      RefcountBlock block = refcounts.block(start);
      if (block == null && counts.isUnused(start, end)) {
        continue;
      }
      for (long cluster = start; cluster < end; cluster++) {
        long stored = block == null ? 0 : block.get((int) (cluster - start));
        int references = counts.count(cluster);
        if (stored != 0 || references != 0) {
          highestCluster = cluster;
        }
        if (stored != references) {
          noteMismatch(cluster, stored, references, block != null);
        }
      }
    }
  }

  private void noteMismatch(long cluster, long stored, int references, boolean hasBlock) {
    boolean leak = Long.compareUnsigned(stored, references) > 0;
    long offset = cluster * clusterSize;
    findings.add(
        leak ? Kind.LEAK : hasBlock ? Kind.STALE : Kind.CORRUPTION,
        offset,
        "refcount is %s, and there are %d references",
        Long.toUnsignedString(stored),
        references);
    if (references > 0 && (header.dirty() || (leak && canFall(cluster, references)))) {
      corrections.add(cluster, references);
    }
    if (references == 0) {
      if (offset != leakedRunEnd) {
        leakedRuns++;
      }
      if (leakedRuns <= MAX_LEAKED_RUNS) {
        leaked.add(offset, offset + clusterSize);
        leakedRunEnd = offset + clusterSize;
      }
    }
  }

  /**
   * Whether the refcount can become {@code references} and the copied flags stay right: only that
   * of a standard cluster with a refcount of one is set, and an only reference to compressed data
   * has none.
   */
  private boolean canFall(long cluster, int references) {
    boolean flagless = references > 1 || compressedClusters.contains(cluster);
    return flagless && corrections.size() < MAX_CORRECTIONS;
  }

  /** A growing list of offsets. */
  private static final class OffsetList {

    private long[] offsets = new long[64];
    private int size;

    void add(long offset) {
      if (size == offsets.length) {
        offsets = Arrays.copyOf(offsets, size * 2);
      }
      offsets[size++] = offset;
    }

    long[] sorted() {
      long[] result = Arrays.copyOf(offsets, size);
      Arrays.sort(result);
      return result;
    }
  }
}
