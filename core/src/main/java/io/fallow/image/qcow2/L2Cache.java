package io.fallow.image.qcow2;

import io.fallow.device.Device;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * L2 tables by their host offset, the least recently used ones dropped first. Big enough that a
 * usual image's tables are read once, for the guest's reads, the check and the release together.
 */
final class L2Cache {

  private static final long CAPACITY = 48L << 20;

  /** What a table costs beyond its entries. */
  private static final int OVERHEAD = 128;

  private final Device file;
  private final int clusterSize;
  private final LinkedHashMap<Long, long[]> tables = new LinkedHashMap<>(16, 0.75f, true);

  private final long[] zeros;
  private long bytesRead;
  private @Nullable ExtentSet allocated;

  L2Cache(Device file, int clusterSize) {
    this.file = file;
    this.clusterSize = clusterSize;
    this.zeros = new long[clusterSize / Long.BYTES];
  }

  /** The table at {@code offset}, which the caller must not change. */
  long[] table(long offset) throws IOException {
    long[] table = cached(offset);
    if (table == null && isHole(offset, clusterSize)) {
      return zeros;
    }
    if (table == null) {
      bytesRead += clusterSize;
      table = HostReader.table(file, offset, clusterSize / Long.BYTES);
      put(offset, table);
    }
    return table;
  }

  /** The table at {@code offset} if it is here. */
  long @Nullable [] cached(long offset) {
    return tables.get(offset);
  }

  /** Whether a table that {@link #table} gave is known to hold nothing. */
  @SuppressWarnings("ReferenceEquality") // one array stands for every hole
  boolean isEmpty(long[] table) {
    return table == zeros;
  }

  /**
   * Whether a range is a hole of the file. Asked of the host only after many tables, so that a
   * sparse file of terabytes of empty tables takes no longer than its data.
   */
  boolean isHole(long offset, long length) throws IOException {
    if (bytesRead < CAPACITY) {
      return false;
    }
    if (allocated == null) {
      allocated = file.allocated(file.extent());
    }
    return !allocated.overlaps(Extent.ofLength(offset, length));
  }

  /** Keeps a table in place of the one that was at {@code offset}. */
  void put(long offset, long[] table) {
    tables.put(offset, table);
    if ((long) tables.size() * (clusterSize + OVERHEAD) > CAPACITY) {
      tables.pollFirstEntry();
    }
  }

  /** Forgets everything. */
  void clear() {
    tables.clear();
    allocated = null;
    bytesRead = 0;
  }

  /**
   * Reads tables that lie side by side, in one go.
   *
   * @param memory as large as the tables together
   */
  void readRun(long offset, int count, MemorySegment memory) throws IOException {
    HostReader.read(file, offset, memory);
    bytesRead += memory.byteSize();
    for (int i = 0; i < count; i++) {
      long[] table = new long[clusterSize / Long.BYTES];
      HostReader.decode(memory, (long) i * clusterSize, table, 0, table.length);
      put(offset + (long) i * clusterSize, table);
    }
  }
}
