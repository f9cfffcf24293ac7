package io.fallow.image.qcow2;

import io.fallow.device.HostException;
import io.fallow.device.HostFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Progress;
import io.fallow.image.Release;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.Collections;
import java.util.SortedMap;

/**
 * A planned release, and its execution. A crash at any point leaves at worst leaked clusters: an
 * entry lets go of its cluster before the refcount falls, the refcount falls before the cluster's
 * content goes, and each step is durable before the next one starts.
 */
final class Qcow2Release implements Release {

  private final Qcow2Guest guest;
  private final Tables tables;
  private final HostFile file;
  private final ReleasePlan plan;
  private final int plannedAt;

  Qcow2Release(Tables tables, Qcow2Guest guest, ReleasePlan plan) {
    this.tables = tables;
    this.guest = guest;
    this.file = tables.file();
    this.plan = plan;
    this.plannedAt = tables.changes();
  }

  @Override
  public ExtentSet releasable() {
    return plan.releasable();
  }

  @Override
  public ExtentSet holes() {
    return plan.holes();
  }

  @Override
  public SortedMap<String, ExtentSet> held() {
    return Collections.unmodifiableSortedMap(plan.held());
  }

  @Override
  public ExtentSet lost() {
    return plan.lost();
  }

  @Override
  public long hostBytes() {
    return plan.hostBytes();
  }

  @Override
  public long unownedBytes() {
    return plan.unownedBytes();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the image was changed since this was planned
   */
  @Override
  public void execute(Progress progress) throws IOException {
    if (!file.writable()) {
      throw new HostException(
          file.name(), "release", HostException.EACCES, "the file is open for reading only", null);
    }
    if (tables.changes() != plannedAt) {
      throw new IllegalStateException("the image was changed since this release was planned");
    }
    boolean refcountsChange = !plan.freed().isEmpty() || plan.lowered().size() > 0;
    if (plan.releasable().isEmpty()
        && !refcountsChange
        && plan.punched().isEmpty()
        && plan.end() == file.size()) {
      return;
    }
    try {
      perform(progress, refcountsChange);
    } catch (IOException e) {
      try {
        reload();
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    reload();
  }

  private void reload() throws IOException {
    guest.invalidate();
    tables.reload();
  }

  private void perform(Progress progress, boolean refcountsChange) throws IOException {
    prepareHeader();
    if (!plan.releasable().isEmpty()) {
      unmap(progress);
      file.flush();
    }
    if (refcountsChange) {
      RefcountWriter.clear(file, tables.header(), plan.freed());
      RefcountWriter.write(file, tables.header(), plan.lowered());
      file.flush();
    }
    giveBack(progress);
  }

  /** Mends the refcounts of a dirty image, and clears what a writer must clear. */
  private void prepareHeader() throws IOException {
    Qcow2Header header = tables.header();
    if (header.dirty()) {
      RefcountWriter.write(file, header, plan.corrections());
      file.flush();
      writeFeatures(
          Qcow2Header.INCOMPATIBLE_FEATURES_AT,
          header.incompatibleFeatures() & ~Qcow2.INCOMPATIBLE_DIRTY);
    }
    if (header.autoclearFeatures() != 0) {
      writeFeatures(Qcow2Header.AUTOCLEAR_FEATURES_AT, 0);
    }
    if (header.dirty() || header.autoclearFeatures() != 0) {
      file.flush();
    }
  }

  private void writeFeatures(long at, long features) throws IOException {
    file.write(at, MemorySegment.ofArray(HostReader.encode(new long[] {features}, 0, 1)));
  }

  /** Makes the released guest clusters zero, or unallocated in version 2. */
  private void unmap(Progress progress) throws IOException {
    Qcow2Header header = tables.header();
    long span = header.l2Span();
    ExtentSet set = plan.releasable();
    long total = set.total();
    long done = 0;
    long position = 0;
    for (int run = 0; run < set.runs(); run = set.firstRunEndingAfter(position)) {
      // All runs that one table maps are changed together.
      long spanStart = Math.max(position, set.start(run)) / span * span;
      long spanEnd = spanStart + span;
      long l2Offset = tables.l1().l2Offset((int) (spanStart / span));
      long[] table = tables.l2().table(l2Offset).clone();
      BitSet changed = new BitSet();
      for (int i = run; i < set.runs() && set.start(i) < spanEnd; i++) {
        long start = Math.max(spanStart, set.start(i));
        long end = Math.min(spanEnd, set.end(i));
        clearEntries(table, start, end, changed);
        done += end - start;
      }
      SectorWriter.write(file, l2Offset, HostReader.encode(table, 0, table.length), changed);
      progress.at("unmapping", done, total);
      position = spanEnd;
    }
  }

  private void clearEntries(long[] table, long start, long end, BitSet changed) {
    Qcow2Header header = tables.header();
    long after = Math.ceilDiv(end, (long) header.clusterSize());
    for (long cluster = start >>> header.clusterBits(); cluster < after; cluster++) {
      int index = (int) (cluster % table.length);
      table[index] = header.version() >= 3 ? Qcow2.L2_ZERO : 0;
      changed.set(index * Long.BYTES / Qcow2.SECTOR);
    }
  }

  /** Punches what is free, and cuts off the free tail. */
  private void giveBack(Progress progress) throws IOException {
    long total = plan.punched().total();
    long done = 0;
    for (Extent run : plan.punched()) {
      file.punch(run);
      done += run.length();
      progress.at("punching", done, total);
    }
    if (!plan.punched().isEmpty()) {
      file.flush();
    }
    if (plan.end() < file.size()) {
      file.resize(plan.end());
      file.flush();
    }
  }
}
