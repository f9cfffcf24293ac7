package io.fallow.testkit;

import io.fallow.device.Device;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads and checks small qcow2 images for tests, after QEMU's {@code docs/interop/qcow2} and
 * independently of the product's code. It loads the whole file, and trusts no more than a test
 * needs.
 */
public final class Qcow2Oracle {

  private static final long OFFSET = 0x00FF_FFFF_FFFF_FE00L;
  private static final long COPIED = 1L << 63;
  private static final long COMPRESSED = 1L << 62;

  private final ByteBuffer file;
  private final int clusterBits;
  private final int clusterSize;
  private final long size;
  private final int refcountOrder;
  private final boolean dirty;
  private final boolean zstd;
  private final int version;
  private final List<Integer> l1Offsets = new ArrayList<>();
  private final int l1Entries;
  private final List<String> corruptions = new ArrayList<>();
  private int leaks;

  /** Loads the image in {@code device}. */
  public Qcow2Oracle(Device device) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(device.size())];
    device.read(0, MemorySegment.ofArray(bytes));
    file = ByteBuffer.wrap(bytes);
    if (file.getInt(0) != 0x514649FB) {
      throw new AssertionError("no qcow2 magic");
    }
    version = file.getInt(4);
    clusterBits = file.getInt(20);
    clusterSize = 1 << clusterBits;
    size = file.getLong(24);
    l1Entries = file.getInt(36);
    long incompatible = version == 2 ? 0 : file.getLong(72);
    dirty = (incompatible & 1) != 0;
    if ((incompatible & 2) != 0) {
      corruptions.add("the corrupt bit is set");
    }
    zstd = (incompatible & 8) != 0;
    refcountOrder = version == 2 ? 4 : file.getInt(96);
    l1Offsets.add(Math.toIntExact(file.getLong(40)));
    readSnapshots();
    check();
  }

  private void readSnapshots() {
    int at = Math.toIntExact(file.getLong(64));
    for (int i = 0; i < file.getInt(60); i++) {
      l1Offsets.add(Math.toIntExact(file.getLong(at)));
      int texts = file.getShort(at + 12) + file.getShort(at + 14);
      at += Math.ceilDiv(40 + file.getInt(at + 36) + texts, 8) * 8;
    }
  }

  /** Whether the dirty bit is set: refcounts may then be wrong. */
  public boolean dirty() {
    return dirty;
  }

  /** What is broken; a leak is not. */
  public List<String> corruptions() {
    return corruptions;
  }

  /** How many host clusters count as used, or as used more often, than anything refers to them. */
  public int leaks() {
    return leaks;
  }

  /** How many host clusters lie beyond the last one that is in use. */
  public int freeTail() {
    int last = clusters() - 1;
    while (last >= 0 && stored(last) == 0) {
      last--;
    }
    return clusters() - 1 - last;
  }

  /** The host clusters that count as free, from the file's start on. */
  public boolean isFree(int cluster) {
    return stored(cluster) == 0;
  }

  /** The host clusters of the file, a partial last one included. */
  public int clusters() {
    return Math.ceilDiv(file.capacity(), clusterSize);
  }

  /**
   * The guest's disk.
   *
   * @param backing what shines through where nothing is mapped; shorter is as if zeros followed
   */
  public byte[] guest(byte[] backing) {
    return content(0, backing);
  }

  /** The disk as snapshot {@code index} holds it, from 0. */
  public byte[] snapshot(int index, byte[] backing) {
    return content(index + 1, backing);
  }

  private byte[] content(int l1, byte[] backing) {
    byte[] guest = Arrays.copyOf(backing, Math.toIntExact(size));
    int perTable = clusterSize / 8;
    int clusters = Math.ceilDiv(guest.length, clusterSize);
    for (int cluster = 0; cluster < clusters; cluster++) {
      int table = offset(file.getLong(l1Offsets.get(l1) + 8 * (cluster / perTable)));
      long entry = table == 0 ? 0 : file.getLong(table + 8 * (cluster % perTable));
      int start = cluster * clusterSize;
      int length = Math.min(clusterSize, guest.length - start);
      if ((entry & COMPRESSED) != 0) {
        System.arraycopy(inflate(entry), 0, guest, start, length);
      } else if (version > 2 && (entry & 1) != 0) {
        Arrays.fill(guest, start, start + length, (byte) 0);
      } else if (offset(entry) != 0) {
        Arrays.fill(guest, start, start + length, (byte) 0);
        int present = Math.min(length, file.capacity() - offset(entry));
        System.arraycopy(file.array(), offset(entry), guest, start, Math.max(0, present));
      }
    }
    return guest;
  }

  private static int offset(long entry) {
    return Math.toIntExact(entry & OFFSET);
  }

  private int sectorsShift() {
    return 62 - (clusterBits - 8);
  }

  private int compressedStart(long entry) {
    return Math.toIntExact(entry & ((1L << sectorsShift()) - 1));
  }

  /** Where the last sector of a compressed cluster ends. */
  private int compressedEnd(long entry) {
    long more = (entry & COMPRESSED - 1) >>> sectorsShift();
    return (compressedStart(entry) / 512 + Math.toIntExact(more) + 1) * 512;
  }

  private byte[] inflate(long entry) {
    int start = compressedStart(entry);
    int length = Math.min(compressedEnd(entry), file.capacity()) - start;
    byte[] cluster = new byte[clusterSize];
    if (zstd) {
      byte[] frames = Arrays.copyOfRange(file.array(), start, start + length);
      int frame = Math.toIntExact(com.github.luben.zstd.Zstd.findFrameCompressedSize(frames, 0));
      com.github.luben.zstd.Zstd.decompressByteArray(cluster, 0, clusterSize, frames, 0, frame);
      return cluster;
    }
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(file.array(), start, length);
      if (inflater.inflate(cluster) != clusterSize) {
        throw new AssertionError("compressed cluster at 0x%x ends early".formatted(start));
      }
    } catch (DataFormatException e) {
      throw new AssertionError("compressed cluster at 0x%x is broken".formatted(start), e);
    }
    return cluster;
  }

  /** Counts every reference, and compares with the refcounts that the file holds. */
  private void check() {
    long[] references = new long[clusters()];
    refer(references, 0, clusterSize, "header");
    int table = Math.toIntExact(file.getLong(48));
    refer(references, table, file.getInt(56) * clusterSize, "refcount table");
    for (int i = 0; i < file.getInt(56) * clusterSize / 8; i++) {
      int block = Math.toIntExact(file.getLong(table + 8 * i));
      refer(references, block, block == 0 ? 0 : clusterSize, "refcount block");
    }
    if (l1Offsets.size() > 1) {
      int start = Math.toIntExact(file.getLong(64));
      refer(references, start, snapshotTableEnd() - start, "snapshot table");
    }
    for (int l1 : l1Offsets) {
      refer(references, l1, 8 * l1Entries, "L1 table");
      for (int i = 0; i < l1Entries; i++) {
        int l2 = offset(file.getLong(l1 + 8 * i));
        if (l2 != 0 && refer(references, l2, clusterSize, "L2 table")) {
          referFrom(references, l2);
        }
      }
    }
    for (int i = 0; i < references.length; i++) {
      long stored = stored(i);
      if (stored < references[i]) {
        broken("host cluster %d has refcount %d, references %d", i, stored, references[i]);
      } else if (stored > references[i]) {
        leaks++;
      }
    }
    checkCopiedFlags();
  }

  private int snapshotTableEnd() {
    int at = Math.toIntExact(file.getLong(64));
    for (int i = 0; i < file.getInt(60); i++) {
      int texts = file.getShort(at + 12) + file.getShort(at + 14);
      at += Math.ceilDiv(40 + file.getInt(at + 36) + texts, 8) * 8;
    }
    return at;
  }

  private void referFrom(long[] references, int l2) {
    for (int i = 0; i < clusterSize / 8; i++) {
      long entry = file.getLong(l2 + 8 * i);
      if ((entry & COMPRESSED) != 0) {
        int start = compressedStart(entry);
        refer(references, start, compressedEnd(entry) - start, "compressed cluster");
      } else if (offset(entry) != 0) {
        if (offset(entry) % clusterSize != 0) {
          broken("L2 entry 0x%x is not aligned", entry);
        }
        refer(references, offset(entry), clusterSize, "data cluster");
      }
    }
  }

  private boolean refer(long[] references, int start, int length, String what) {
    for (int i = start / clusterSize; (long) i * clusterSize < (long) start + length; i++) {
      if (i >= references.length) {
        broken("%s at 0x%x lies beyond the end of the file", what, start);
        return false;
      }
      references[i]++;
    }
    return true;
  }

  private void checkCopiedFlags() {
    for (int i = 0; i < l1Entries; i++) {
      long l1 = file.getLong(l1Offsets.getFirst() + 8 * i);
      int l2 = offset(l1);
      if (l2 == 0 || l2 >= file.capacity()) {
        continue;
      }
      checkCopied("L1", l1, l2);
      for (int j = 0; j < clusterSize / 8; j++) {
        long entry = file.getLong(l2 + 8 * j);
        if ((entry & COMPRESSED) == 0 && offset(entry) != 0) {
          checkCopied("L2", entry, offset(entry));
        }
      }
    }
  }

  private void checkCopied(String table, long entry, int offset) {
    boolean copied = (entry & COPIED) != 0;
    if (offset < file.capacity() && copied != (stored(offset / clusterSize) == 1)) {
      broken("%s entry 0x%x has the wrong copied flag", table, entry);
    }
  }

  private void broken(String message, Object... arguments) {
    corruptions.add(message.formatted(arguments));
  }

  private long stored(int cluster) {
    int perBlock = (8 * clusterSize) >> refcountOrder;
    int table = Math.toIntExact(file.getLong(48));
    if ((long) cluster / perBlock >= file.getInt(56) * (long) clusterSize / 8) {
      return 0;
    }
    int block = Math.toIntExact(file.getLong(table + 8 * (cluster / perBlock)));
    if (block == 0 || block >= file.capacity()) {
      return 0;
    }
    int width = 1 << refcountOrder;
    long firstBit = 8L * block + (long) (cluster % perBlock) * width;
    if (width < 8) {
      int packed = file.get((int) (firstBit / 8)) & 0xFF;
      return (packed >>> (int) (firstBit % 8)) & ((1L << width) - 1);
    }
    long value = 0;
    for (int i = 0; i < width / 8; i++) {
      value = (value << 8) | (file.get((int) (firstBit / 8) + i) & 0xFF);
    }
    return value;
  }
}
