package io.fallow.testkit;

import io.fallow.device.MemoryFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;

/**
 * Writes small qcow2 images for tests, after QEMU's {@code docs/interop/qcow2} and independently of
 * the product's code. Every call acts on the guest's disk as it then is; {@link #build} lays the
 * file out: header, snapshot table, L1 and L2 tables, refcounts, then data in the order of the
 * calls.
 */
public final class Qcow2Builder {

  private static final long COPIED = 1L << 63;
  private static final long COMPRESSED = 1L << 62;
  private static final long ZERO = 1;
  private static final int SECTOR = 512;

  /** What one guest cluster maps to. */
  private sealed interface Mapping {}

  /** A host cluster of its own, by its place in {@link #data}; {@code zero} sets the zero flag. */
  private record Standard(int slot, boolean zero) implements Mapping {}

  /** The zero flag without a host cluster. */
  private record Zero() implements Mapping {}

  /** Compressed bytes at {@code start} of the compressed area. */
  private record Compressed(int start, int length) implements Mapping {}

  private record Snapshot(String name, Map<Integer, Table> tables) {}

  /** An L2 table, which the active state and snapshots may share. */
  private static final class Table {
    private final TreeMap<Integer, Mapping> entries = new TreeMap<>();
    private long offset;
    private int refcount;
  }

  private final int version;
  private final int clusterSize;
  private final int clusterBits;
  private final long size;
  private int refcountOrder = 4;
  private long incompatible;
  private long compatible;
  private long autoclear;
  private boolean zstd;
  private String backing = "";
  private int staleRefcounts;

  private TreeMap<Integer, Table> active = new TreeMap<>();
  private final List<Snapshot> snapshots = new ArrayList<>();
  private final List<byte[]> data = new ArrayList<>();

  /** The refcount of a host cluster that nothing refers to, by its place in {@link #data}. */
  private final Map<Integer, Integer> unowned = new LinkedHashMap<>();

  private byte[] compressedArea = new byte[0];

  /**
   * An empty disk.
   *
   * @param version 2 or 3
   * @param clusterBits 9 to 21
   * @param size of the guest's disk in bytes
   */
  public Qcow2Builder(int version, int clusterBits, long size) {
    this.version = version;
    this.clusterBits = clusterBits;
    this.clusterSize = 1 << clusterBits;
    this.size = size;
  }

  /** Sets the width of a refcount to 2 to the power of {@code order} bits. */
  public Qcow2Builder refcountOrder(int order) {
    refcountOrder = order;
    return this;
  }

  /** Names a raw backing file. */
  public Qcow2Builder backing(String name) {
    backing = name;
    return this;
  }

  /** Compresses with zstd from here on, instead of zlib; for all compressed clusters or none. */
  public Qcow2Builder zstd() {
    zstd = true;
    incompatible |= 1L << 3;
    return this;
  }

  /** Sets feature bits of a version 3 header in addition. */
  public Qcow2Builder features(long incompatibleBits, long compatibleBits, long autoclearBits) {
    incompatible |= incompatibleBits;
    compatible |= compatibleBits;
    autoclear |= autoclearBits;
    return this;
  }

  /**
   * Sets the dirty bit and lazy refcounts, and leaves the refcounts of the last {@code stale} data
   * clusters at 0, as a crash of their writer does.
   */
  public Qcow2Builder dirty(int stale) {
    staleRefcounts = stale;
    return features(1, 1, 0);
  }

  /** The guest writes a cluster. */
  public Qcow2Builder data(long cluster, byte[] content) {
    data.add(Arrays.copyOf(content, clusterSize));
    map(cluster, new Standard(data.size() - 1, false));
    return this;
  }

  /** The guest writes a cluster that is stored compressed. */
  public Qcow2Builder compressed(long cluster, byte[] content) {
    byte[] packed = compress(Arrays.copyOf(content, clusterSize));
    if (packed.length >= clusterSize) {
      throw new IllegalArgumentException("content does not compress");
    }
    int start = compressedArea.length;
    compressedArea = Arrays.copyOf(compressedArea, start + packed.length);
    System.arraycopy(packed, 0, compressedArea, start, packed.length);
    map(cluster, new Compressed(start, packed.length));
    return this;
  }

  /** A cluster that reads as zero by its flag, and takes no space. */
  public Qcow2Builder zero(long cluster) {
    map(cluster, new Zero());
    return this;
  }

  /** A cluster that reads as zero by its flag, over a host cluster that holds {@code content}. */
  public Qcow2Builder preallocatedZero(long cluster, byte[] content) {
    data.add(Arrays.copyOf(content, clusterSize));
    map(cluster, new Standard(data.size() - 1, true));
    return this;
  }

  /** Takes an internal snapshot of all so far. */
  public Qcow2Builder snapshot(String name) {
    snapshots.add(new Snapshot(name, new TreeMap<>(active)));
    return this;
  }

  /** A host cluster that counts as used and that nothing refers to. */
  public Qcow2Builder leak(byte[] content) {
    return unowned(content, 1);
  }

  /** A host cluster that counts as free, and still takes space in the file. */
  public Qcow2Builder unpunched(byte[] content) {
    return unowned(content, 0);
  }

  private Qcow2Builder unowned(byte[] content, int refcount) {
    data.add(Arrays.copyOf(content, clusterSize));
    unowned.put(data.size() - 1, refcount);
    return this;
  }

  private byte[] compress(byte[] content) {
    if (zstd) {
      return com.github.luben.zstd.Zstd.compress(content);
    }
    try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
      // QEMU inflates with a window of 4 KiB; without matches none is needed.
      deflater.setStrategy(Deflater.HUFFMAN_ONLY);
      deflater.setInput(content);
      deflater.finish();
      byte[] packed = new byte[2 * content.length + 64];
      int length = 0;
      // The first call may do no more than to change the strategy.
      while (!deflater.finished()) {
        length += deflater.deflate(packed, length, packed.length - length);
      }
      return Arrays.copyOf(packed, length);
    }
  }

  private int entriesPerTable() {
    return clusterSize / 8;
  }

  private void map(long cluster, Mapping mapping) {
    int index = (int) (cluster / entriesPerTable());
    Table table = active.get(index);
    if (table == null || isShared(table)) {
      Table own = new Table();
      if (table != null) {
        own.entries.putAll(table.entries);
      }
      table = own;
      active.put(index, table);
    }
    table.entries.put((int) (cluster % entriesPerTable()), mapping);
  }

  private boolean isShared(Table table) {
    return snapshots.stream().anyMatch(snapshot -> snapshot.tables().containsValue(table));
  }

  /** Lays out the file. */
  public MemoryFile build() {
    return new Layout().write();
  }

  /** Where everything lies in the file, and how often it is referred to. */
  private final class Layout {

    private final List<Table> tables = new ArrayList<>();
    private final int l1Entries =
        (int) Math.ceilDiv(Math.ceilDiv(size, (long) clusterSize), (long) entriesPerTable());
    private final byte[] snapshotTable;
    private final long[] l1Offsets = new long[snapshots.size() + 1];
    private final long snapshotOffset;
    private final long refcountTableOffset;
    private final int refcountTableClusters;
    private final int refcountBlocks;
    private final long compressedOffset;
    private final long dataOffset;
    private final long[] refcounts;
    private final MemoryFile file;

    Layout() {
      collectTables();
      long next = clusterSize;
      snapshotOffset = next;
      snapshotTable = new byte[snapshots.stream().mapToInt(this::entryLength).sum()];
      next += inClusters(snapshotTable.length);
      for (int i = 0; i < l1Offsets.length; i++) {
        l1Offsets[i] = next;
        next += inClusters(8L * l1Entries);
      }
      for (Table table : tables) {
        table.offset = next;
        next += clusterSize;
      }
      long body = inClusters(compressedArea.length) + (long) data.size() * clusterSize;
      long others = (next + body) / clusterSize;
      long perBlock = (8L * clusterSize) >> refcountOrder;
      int blocks = 0;
      int tableClusters = 0;
      // Refcounts count the clusters that hold refcounts, too.
      while (blocks * perBlock < others + blocks + tableClusters) {
        blocks++;
        tableClusters = Math.ceilDiv(8 * blocks, clusterSize);
      }
      refcountBlocks = blocks;
      refcountTableClusters = tableClusters;
      refcountTableOffset = next;
      compressedOffset = next + (long) (tableClusters + blocks) * clusterSize;
      dataOffset = compressedOffset + inClusters(compressedArea.length);
      refcounts = new long[(int) (others + blocks + tableClusters)];
      file = new MemoryFile("test.qcow2", (long) refcounts.length * clusterSize);
    }

    private void collectTables() {
      List<Map<Integer, Table>> states = new ArrayList<>();
      states.add(active);
      snapshots.forEach(snapshot -> states.add(snapshot.tables()));
      for (Map<Integer, Table> state : states) {
        for (Table table : state.values()) {
          if (!tables.contains(table)) {
            table.refcount = 0;
            tables.add(table);
          }
          table.refcount++;
        }
      }
    }

    private long inClusters(long bytes) {
      return Math.ceilDiv(bytes, (long) clusterSize) * clusterSize;
    }

    private int entryLength(Snapshot snapshot) {
      int texts = 1 + snapshot.name().getBytes(StandardCharsets.UTF_8).length;
      return Math.ceilDiv(40 + 16 + texts, 8) * 8;
    }

    private void count(long offset, long length, long times) {
      for (long at = offset / clusterSize; at * clusterSize < offset + length; at++) {
        refcounts[(int) at] += times;
      }
    }

    private void put(long offset, byte[] bytes) {
      file.write(offset, MemorySegment.ofArray(bytes));
    }

    MemoryFile write() {
      count(0, clusterSize, 1);
      count(snapshotOffset, snapshotTable.length, 1);
      count(refcountTableOffset, (long) (refcountTableClusters + refcountBlocks) * clusterSize, 1);
      for (long offset : l1Offsets) {
        count(offset, 8L * l1Entries, 1);
      }
      for (Table table : tables) {
        count(table.offset, clusterSize, table.refcount);
        table.entries.values().forEach(mapping -> countData(mapping, table.refcount));
      }
      unowned.forEach((slot, refcount) -> count(slotOffset(slot), clusterSize, refcount));
      writeHeader();
      writeSnapshots();
      writeTables();
      for (int slot = 0; slot < data.size(); slot++) {
        put(slotOffset(slot), data.get(slot));
      }
      put(compressedOffset, compressedArea);
      writeRefcounts();
      return file;
    }

    private long slotOffset(int slot) {
      return dataOffset + (long) slot * clusterSize;
    }

    private void countData(Mapping mapping, long times) {
      switch (mapping) {
        case Standard standard -> count(slotOffset(standard.slot()), clusterSize, times);
        case Compressed compressed -> {
          long start = compressedOffset + compressed.start();
          long sectorEnd = Math.ceilDiv(start + compressed.length(), (long) SECTOR) * SECTOR;
          count(start, sectorEnd - start, times);
        }
        case Zero _ -> {}
      }
    }

    private void writeHeader() {
      ByteBuffer header = ByteBuffer.allocate(clusterSize);
      int length = version == 2 ? 72 : zstd ? 112 : 104;
      header.putInt(0, 0x514649FB).putInt(4, version);
      header.putInt(20, clusterBits).putLong(24, size);
      header.putInt(36, l1Entries).putLong(40, l1Offsets[0]);
      header.putLong(48, refcountTableOffset).putInt(56, refcountTableClusters);
      header.putInt(60, snapshots.size()).putLong(64, snapshots.isEmpty() ? 0 : snapshotOffset);
      if (version == 3) {
        header.putLong(72, incompatible).putLong(80, compatible).putLong(88, autoclear);
        header.putInt(96, refcountOrder).putInt(100, length);
      }
      if (zstd) {
        header.put(104, (byte) 1);
      }
      int at = length;
      if (!backing.isEmpty()) {
        byte[] name = backing.getBytes(StandardCharsets.UTF_8);
        header.putInt(at, 0xE2792ACA).putInt(at + 4, 3).put(at + 8, new byte[] {'r', 'a', 'w'});
        at += 24;
        header.put(at, name).putLong(8, at).putInt(16, name.length);
      }
      put(0, header.array());
    }

    private void writeSnapshots() {
      ByteBuffer out = ByteBuffer.wrap(snapshotTable);
      for (int i = 0; i < snapshots.size(); i++) {
        int start = out.position();
        byte[] name = snapshots.get(i).name().getBytes(StandardCharsets.UTF_8);
        out.putLong(l1Offsets[i + 1]).putInt(l1Entries);
        out.putShort((short) 1).putShort((short) name.length);
        out.putInt(1_700_000_000).putInt(0).putLong(0).putInt(0).putInt(16);
        out.putLong(0).putLong(size);
        out.put((byte) ('1' + i)).put(name);
        out.position(start + entryLength(snapshots.get(i)));
      }
      put(snapshotOffset, snapshotTable);
    }

    private void writeTables() {
      for (Table table : tables) {
        ByteBuffer l2 = ByteBuffer.allocate(clusterSize);
        boolean isActive = active.containsValue(table);
        table.entries.forEach((index, mapping) -> l2.putLong(8 * index, entry(mapping, isActive)));
        put(table.offset, l2.array());
      }
      writeL1(l1Offsets[0], active, true);
      for (int i = 0; i < snapshots.size(); i++) {
        writeL1(l1Offsets[i + 1], snapshots.get(i).tables(), false);
      }
    }

    private void writeL1(long offset, Map<Integer, Table> state, boolean isActive) {
      ByteBuffer l1 = ByteBuffer.allocate(8 * l1Entries);
      state.forEach((index, table) -> {
        long flag = isActive && table.refcount == 1 ? COPIED : 0;
        l1.putLong(8 * index, table.offset | flag);
      });
      put(offset, l1.array());
    }

    private long entry(Mapping mapping, boolean isActive) {
      return switch (mapping) {
        case Standard standard -> {
          long offset = slotOffset(standard.slot());
          boolean alone = refcounts[(int) (offset / clusterSize)] == 1;
          yield offset | (isActive && alone ? COPIED : 0) | (standard.zero() ? ZERO : 0);
        }
        case Zero _ -> ZERO;
        case Compressed compressed -> {
          long start = compressedOffset + compressed.start();
          long last = start + compressed.length() - 1;
          long more = last / SECTOR - start / SECTOR;
          yield COMPRESSED | more << (62 - (clusterBits - 8)) | start;
        }
      };
    }

    private void writeRefcounts() {
      // The data clusters come last in the file.
      Arrays.fill(refcounts, refcounts.length - staleRefcounts, refcounts.length, 0);
      ByteBuffer table = ByteBuffer.allocate(refcountTableClusters * clusterSize);
      long blocks = refcountTableOffset + (long) refcountTableClusters * clusterSize;
      for (int block = 0; block < refcountBlocks; block++) {
        table.putLong(8 * block, blocks + (long) block * clusterSize);
      }
      put(refcountTableOffset, table.array());
      MemorySegment counts = MemorySegment.ofArray(new byte[refcountBlocks * clusterSize]);
      int width = 1 << refcountOrder;
      for (int i = 0; i < refcounts.length; i++) {
        for (int bit = 0; bit < width; bit++) {
          if ((refcounts[i] >>> bit & 1) == 1) {
            setBit(counts, (long) i * width, width, bit);
          }
        }
      }
      put(blocks, counts.toArray(ValueLayout.JAVA_BYTE));
    }

    /** Sets a bit of a big-endian number; of one narrower than a byte, its place in the byte. */
    private static void setBit(MemorySegment counts, long firstBit, int width, int bit) {
      long at;
      int shift;
      if (width < 8) {
        at = firstBit / 8;
        shift = (int) (firstBit % 8) + bit;
      } else {
        at = (firstBit + width) / 8 - 1 - bit / 8;
        shift = bit % 8;
      }
      byte old = counts.get(ValueLayout.JAVA_BYTE, at);
      counts.set(ValueLayout.JAVA_BYTE, at, (byte) (old | 1 << shift));
    }
  }

  /** Compressible bytes that differ by seed and place; none of them is zero. */
  public static byte[] pattern(long seed, int length) {
    byte[] bytes = new byte[length];
    java.util.Random random = new java.util.Random(seed);
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (1 + random.nextInt(16));
    }
    return bytes;
  }
}
