package io.fallow.image.qcow2;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.device.Limits;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * The disk as the guest sees it. {@link #allocated} is that of the whole backing chain, as reading
 * is; what a release frees concerns this image alone. One thread at a time.
 */
final class Qcow2Guest implements Device {

  private final Tables tables;
  private final Backing backing;
  private final ClusterDecompressor decompressor;
  private final Limits limits;
  private final int clusterSize;

  /** The compressed cluster that was read last: neighbouring reads often want the same one. */
  private byte @Nullable [] unpacked;

  private Mapping.@Nullable Compressed unpackedPlace;

  /** What is allocated in all of the disk, once it was asked for. */
  private @Nullable ExtentSet allocation;

  Qcow2Guest(Tables tables, Backing backing) {
    this.tables = tables;
    this.backing = backing;
    this.clusterSize = tables.header().clusterSize();
    this.decompressor = new ClusterDecompressor(tables.header().compressionType(), clusterSize);
    this.limits = new Limits(512, clusterSize);
  }

  @Override
  public String name() {
    return tables.file().name();
  }

  @Override
  public long size() {
    return tables.header().virtualSize();
  }

  @Override
  public Limits limits() {
    return limits;
  }

  /** Forgets what was read, since the image changed. */
  void invalidate() {
    unpacked = null;
    allocation = null;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    long length = target.byteSize();
    if (offset < 0 || offset > size() - length) {
      throw new CorruptFormatException(
          name(), offset, "%d bytes end beyond the disk's size of %d".formatted(length, size()));
    }
    for (long done = 0; done < length; ) {
      done += readRun(offset + done, target.asSlice(done));
    }
  }

  /** Reads as much as one mapping provides, and says how much that was. */
  private long readRun(long offset, MemorySegment target) throws IOException {
    long within = offset % clusterSize;
    Mapping first = mapping(offset - within);
    long length = Math.min(clusterSize - within, target.byteSize());
    while (length < target.byteSize() && continues(first, offset - within, within + length)) {
      length = Math.min(length + clusterSize, target.byteSize());
    }
    MemorySegment part = target.asSlice(0, length);
    switch (first) {
      case Mapping.Unallocated _ -> backing.read(offset, part);
      case Mapping.Zero _, Mapping.ZeroAllocated _ -> part.fill((byte) 0);
      case Mapping.Data data -> HostReader.read(tables.file(), data.hostOffset() + within, part);
      case Mapping.Compressed packed ->
          part.copyFrom(MemorySegment.ofArray(unpack(packed)).asSlice(within, length));
    }
    return length;
  }

  /** Whether the cluster at {@code start + distance} goes on where the one at {@code start} is. */
  private boolean continues(Mapping first, long start, long distance) throws IOException {
    return switch (first) {
      case Mapping.Unallocated _ -> mapping(start + distance) instanceof Mapping.Unallocated;
      case Mapping.Data data ->
          mapping(start + distance) instanceof Mapping.Data next
              && next.hostOffset() == data.hostOffset() + distance;
      case Mapping.Zero _, Mapping.ZeroAllocated _, Mapping.Compressed _ -> false;
    };
  }

  /** Where the guest cluster that starts at {@code offset} is. */
  private Mapping mapping(long offset) throws IOException {
    long cluster = offset / clusterSize;
    int l1Index = (int) (cluster / tables.header().l2Entries());
    int l2Index = (int) (cluster % tables.header().l2Entries());
    tables.l1().checkSound(l1Index);
    long l2Offset = tables.l1().l2Offset(l1Index);
    if (l2Offset == 0) {
      return new Mapping.Unallocated();
    }
    long entry = tables.l2().table(l2Offset)[l2Index];
    String fault = tables.entries().fault(entry);
    if (fault != null) {
      throw new CorruptFormatException(
          name(),
          l2Offset + (long) l2Index * Long.BYTES,
          "L2 entry 0x%016x %s".formatted(entry, fault));
    }
    return tables.entries().decode(entry);
  }

  private byte[] unpack(Mapping.Compressed place) throws IOException {
    if (unpacked != null && place.equals(unpackedPlace)) {
      return unpacked;
    }
    byte[] packed = new byte[place.length()];
    HostReader.read(tables.file(), place.hostOffset(), MemorySegment.ofArray(packed));
    byte[] cluster;
    try {
      cluster = decompressor.unpack(packed);
    } catch (DataFormatException e) {
      throw new CorruptFormatException(
          name(), place.hostOffset(), "compressed cluster does not unpack: " + e.getMessage());
    }
    unpackedPlace = place;
    unpacked = cluster;
    return cluster;
  }

  @Override
  public ExtentSet allocated(Extent window) throws IOException {
    ExtentSet all = allocation;
    if (all != null) {
      return all.clip(window);
    }
    ExtentSet found = findAllocated(window);
    if (window.contains(extent())) {
      allocation = found;
    }
    return found;
  }

  private ExtentSet findAllocated(Extent window) throws IOException {
    ExtentSet.Builder here = ExtentSet.builder();
    ExtentSet.Builder below = ExtentSet.builder();
    Extent inside = new Extent(Math.min(window.start(), size()), Math.min(window.end(), size()));
    long span = tables.header().l2Span();
    for (long start = inside.start(); start < inside.end(); ) {
      long end = Math.min(inside.end(), (start / span + 1) * span);
      int l1Index = (int) (start / span);
      tables.l1().checkSound(l1Index);
      long l2Offset = tables.l1().l2Offset(l1Index);
      if (l2Offset == 0) {
        below.add(start, end);
      } else {
        long[] table = tables.l2().table(l2Offset);
        if (tables.l2().isEmpty(table)) {
          below.add(start, end);
        } else {
          addAllocated(new Extent(start, end), table, here, below);
        }
      }
      start = end;
    }
    for (Extent run : below.build()) {
      here.addAll(backing.allocated(run));
    }
    return here.build();
  }

  /** Sorts the clusters of one L2 table's part into those that are here and those below. */
  private void addAllocated(
      Extent part, long[] table, ExtentSet.Builder here, ExtentSet.Builder below) {
    int first = (int) (part.start() / clusterSize % table.length);
    int last = (int) ((part.end() - 1) / clusterSize % table.length);
    // Where entry 0 of the table would start.
    long base = part.start() - part.start() % clusterSize - (long) first * clusterSize;
    for (int index = first; index <= last; ) {
      L2Entries.Kind kind = L2Entries.kind(table[index]);
      int next = index + 1;
      while (next <= last && L2Entries.kind(table[next]) == kind) {
        next++;
      }
      long start = Math.max(part.start(), base + (long) index * clusterSize);
      long end = Math.min(part.end(), base + (long) next * clusterSize);
      switch (kind) {
        case UNALLOCATED -> below.add(start, end);
        case DATA, COMPRESSED -> here.add(start, end);
        case ZERO, ZERO_ALLOCATED -> {}
      }
      index = next;
    }
  }
}
