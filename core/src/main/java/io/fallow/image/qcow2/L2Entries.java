package io.fallow.image.qcow2;

import org.jspecify.annotations.Nullable;

/**
 * The form of L2 entries in one image (specification: "Cluster mapping"). Raw entries are plain
 * {@code long}s here, since a disk has millions; {@link Mapping} is what one means.
 *
 * @param version the header's version: the zero flag is new in 3
 * @param clusterBits the header's {@code cluster_bits}
 */
record L2Entries(int version, int clusterBits) {

  /** What a raw entry is. */
  enum Kind {
    UNALLOCATED,
    ZERO,
    ZERO_ALLOCATED,
    DATA,
    COMPRESSED;

    /** Whether the entry refers to host clusters. */
    boolean isAllocated() {
      return this != UNALLOCATED && this != ZERO;
    }
  }

  private static final Mapping UNALLOCATED = new Mapping.Unallocated();
  private static final Mapping ZERO = new Mapping.Zero();

  static L2Entries of(Qcow2Header header) {
    return new L2Entries(header.version(), header.clusterBits());
  }

  static Kind kind(long entry) {
    if (entry == 0) {
      return Kind.UNALLOCATED;
    }
    if ((entry & Qcow2.L2_COMPRESSED) != 0) {
      return Kind.COMPRESSED;
    }
    boolean placed = (entry & Qcow2.OFFSET_MASK) != 0;
    if ((entry & Qcow2.L2_ZERO) != 0) {
      return placed ? Kind.ZERO_ALLOCATED : Kind.ZERO;
    }
    return placed ? Kind.DATA : Kind.UNALLOCATED;
  }

  /** Where the host cluster of a standard entry starts. */
  static long hostOffset(long entry) {
    return entry & Qcow2.OFFSET_MASK;
  }

  /** Where the data of a compressed entry starts. */
  long compressedOffset(long entry) {
    return entry & (1L << offsetBits()) - 1;
  }

  /** The bytes from {@link #compressedOffset} to the end of the last sector. */
  int compressedLength(long entry) {
    long sectors = (entry & ~(Qcow2.COPIED | Qcow2.L2_COMPRESSED)) >>> offsetBits();
    return (int) ((sectors + 1) * Qcow2.SECTOR - compressedOffset(entry) % Qcow2.SECTOR);
  }

  /** The first host cluster that an allocated entry touches. */
  long firstHostCluster(long entry) {
    boolean compressed = (entry & Qcow2.L2_COMPRESSED) != 0;
    return (compressed ? compressedOffset(entry) : hostOffset(entry)) >>> clusterBits;
  }

  /** The last host cluster that an allocated entry touches. */
  long lastHostCluster(long entry) {
    boolean compressed = (entry & Qcow2.L2_COMPRESSED) != 0;
    return compressed
        ? (compressedOffset(entry) + compressedLength(entry) - 1) >>> clusterBits
        : hostOffset(entry) >>> clusterBits;
  }

  /** What breaks the specification in an entry, or null if nothing does. */
  @Nullable String fault(long entry) {
    if (entry == 0) {
      return null;
    }
    if ((entry & Qcow2.L2_COMPRESSED) != 0) {
      if ((entry & Qcow2.COPIED) != 0) {
        return "is compressed and has the copied flag set";
      }
      return compressedOffset(entry) >= Qcow2.MAX_HOST_OFFSET ? "has reserved bits set" : null;
    }
    long reserved = version < 3 ? Qcow2.L2_RESERVED | Qcow2.L2_ZERO : Qcow2.L2_RESERVED;
    if ((entry & reserved) != 0) {
      return "has reserved bits set";
    }
    if ((entry & Qcow2.COPIED) != 0 && hostOffset(entry) == 0) {
      return "has the copied flag set and no host cluster";
    }
    boolean aligned = (hostOffset(entry) & (1L << clusterBits) - 1) == 0;
    return aligned ? null : "has a host offset that is not a multiple of the cluster size";
  }

  /** What an entry without a {@link #fault} means. */
  Mapping decode(long entry) {
    return switch (kind(entry)) {
      case UNALLOCATED -> UNALLOCATED;
      case ZERO -> ZERO;
      case ZERO_ALLOCATED -> new Mapping.ZeroAllocated(hostOffset(entry));
      case DATA -> new Mapping.Data(hostOffset(entry));
      case COMPRESSED -> new Mapping.Compressed(compressedOffset(entry), compressedLength(entry));
    };
  }

  /** The width of a compressed entry's offset: x in the specification. */
  private int offsetBits() {
    return 62 - (clusterBits - 8);
  }
}
