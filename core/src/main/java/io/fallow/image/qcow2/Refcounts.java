package io.fallow.image.qcow2;

import io.fallow.device.Device;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The stored refcounts: the refcount table, and its blocks as they are needed (specification: "Host
 * cluster management").
 */
final class Refcounts {

  private static final long CACHED_BYTES = 24L << 20;

  private final Device file;
  private final Qcow2Header header;
  private final long[] table;
  private final LinkedHashMap<Integer, RefcountBlock> blocks = new LinkedHashMap<>(16, 0.75f, true);
  private int lastIndex = -1;
  private @Nullable RefcountBlock last;

  private Refcounts(Device file, Qcow2Header header, long[] table) {
    this.file = file;
    this.header = header;
    this.table = table;
  }

  static Refcounts read(Device file, Qcow2Header header) throws IOException {
    int entries = header.refcountTableClusters() * header.l2Entries();
    return new Refcounts(
        file, header, HostReader.table(file, header.refcountTableOffset(), entries));
  }

  /** The entries of the refcount table. */
  int tableSize() {
    return table.length;
  }

  /** The raw entry of the refcount table. */
  long entry(int index) {
    return table[index];
  }

  /** Where an entry of the refcount table lies. */
  long entryOffset(int index) {
    return header.refcountTableOffset() + (long) index * Long.BYTES;
  }

  /** Whether an entry can be followed: it is empty, or names a cluster within the file. */
  boolean isSound(int index) {
    long entry = table[index];
    return (entry & header.clusterSize() - 1) == 0 && entry >= 0 && entry < file.size();
  }

  /** Where the block with the refcount of a cluster starts; 0 if there is none. */
  long blockOffset(long cluster) {
    long index = cluster / header.refcountBlockEntries();
    return index < table.length && isSound((int) index) ? table[(int) index] : 0;
  }

  /** The block with the refcount of a cluster, which the caller must not change; null if none. */
  @Nullable RefcountBlock block(long cluster) throws IOException {
    long offset = blockOffset(cluster);
    if (offset == 0) {
      return null;
    }
    int index = (int) (cluster / header.refcountBlockEntries());
    if (index == lastIndex) {
      return last;
    }
    RefcountBlock block = blocks.get(index);
    if (block == null) {
      byte[] bytes = new byte[header.clusterSize()];
      HostReader.read(file, offset, MemorySegment.ofArray(bytes));
      block = new RefcountBlock(bytes, header.refcountOrder());
      blocks.put(index, block);
      if ((long) blocks.size() * header.clusterSize() > CACHED_BYTES) {
        blocks.pollFirstEntry();
      }
    }
    lastIndex = index;
    last = block;
    return block;
  }

  /** The stored refcount of a cluster, unsigned. */
  long stored(long cluster) throws IOException {
    RefcountBlock block = block(cluster);
    return block == null ? 0 : block.get((int) (cluster % header.refcountBlockEntries()));
  }
}
