package io.fallow.image.qcow2;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.device.Device;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The header of an image (specification: "Header"), with what its extensions add.
 *
 * @param version 2 or 3
 * @param clusterBits 9 to 21; a cluster has {@code 1 << clusterBits} bytes
 * @param virtualSize the guest disk's size in bytes
 * @param incompatibleFeatures feature bits; 0 in version 2
 * @param compatibleFeatures feature bits; 0 in version 2
 * @param autoclearFeatures feature bits; 0 in version 2
 * @param refcountOrder 0 to 6; a refcount has {@code 1 << refcountOrder} bits
 * @param compressionType how compressed clusters are compressed
 * @param l1Size entries of the active L1 table
 * @param l1TableOffset where that table starts, a multiple of the cluster size
 * @param refcountTableOffset where the refcount table starts, a multiple of the cluster size
 * @param refcountTableClusters its size in clusters
 * @param nbSnapshots the number of internal snapshots
 * @param snapshotsOffset where their table starts, a multiple of the cluster size
 * @param backingFile the name of the backing file as stored
 * @param backingFormat its format as declared
 * @param unknownExtensions whether there are header extensions that the specification does not know
 */
public record Qcow2Header(
    int version,
    int clusterBits,
    long virtualSize,
    long incompatibleFeatures,
    long compatibleFeatures,
    long autoclearFeatures,
    int refcountOrder,
    CompressionType compressionType,
    int l1Size,
    long l1TableOffset,
    long refcountTableOffset,
    int refcountTableClusters,
    int nbSnapshots,
    long snapshotsOffset,
    Optional<String> backingFile,
    Optional<String> backingFormat,
    boolean unknownExtensions) {

  /** Where {@link #incompatibleFeatures} lies. */
  static final int INCOMPATIBLE_FEATURES_AT = 0x48;

  /** Where {@link #autoclearFeatures} lies. */
  static final int AUTOCLEAR_FEATURES_AT = 0x58;

  /** The size of a cluster in bytes. */
  public int clusterSize() {
    return 1 << clusterBits;
  }

  /** The width of a refcount in bits. */
  public int refcountBits() {
    return 1 << refcountOrder;
  }

  /** Whether refcounts may be updated lazily. */
  public boolean lazyRefcounts() {
    return (compatibleFeatures & Qcow2.COMPATIBLE_LAZY_REFCOUNTS) != 0;
  }

  /** Whether refcounts may be stale: the image was not closed after lazy updates. */
  public boolean dirty() {
    return (incompatibleFeatures & Qcow2.INCOMPATIBLE_DIRTY) != 0;
  }

  /** Whether a writer found the image to be corrupt. */
  public boolean corrupt() {
    return (incompatibleFeatures & Qcow2.INCOMPATIBLE_CORRUPT) != 0;
  }

  /** The entries of an L2 table. */
  int l2Entries() {
    return clusterSize() / Long.BYTES;
  }

  /** The guest bytes that one L2 table maps. */
  long l2Span() {
    return (long) l2Entries() << clusterBits;
  }

  /** The refcounts in one refcount block. */
  int refcountBlockEntries() {
    return (clusterSize() * 8) >> refcountOrder;
  }

  /**
   * Reads and checks the header.
   *
   * @throws CorruptFormatException if it breaks the specification or exceeds its limits
   * @throws UnsupportedFeatureException if the image uses what is not handled
   */
  static Qcow2Header read(Device file) throws IOException {
    int available = (int) Math.min(file.size(), 112);
    Bytes header = file.bytes(0, available, ByteOrder.BIG_ENDIAN);
    int magic = header.bits32(0x00); // magic
    header.check(magic == Qcow2.MAGIC, 0x00, "magic is 0x%08x, not \"QFI\\xfb\"", magic);
    long version = header.u32(0x04); // version
    if (version != 2 && version != 3) {
      throw new UnsupportedFeatureException(file.name(), List.of("qcow2 version " + version));
    }
    return new Parser(file, header, (int) version).parse();
  }

  /** One reading of a header, in the order of its fields. */
  private static final class Parser {

    private final Device file;
    private final Bytes header;
    private final int version;
    private final int clusterBits;
    private final int clusterSize;

    Parser(Device file, Bytes header, int version) throws CorruptFormatException {
      this.file = file;
      this.header = header;
      this.version = version;
      long bits = header.u32(0x14); // cluster_bits
      header.check(
          bits >= Qcow2.MIN_CLUSTER_BITS && bits <= Qcow2.MAX_CLUSTER_BITS,
          0x14,
          "cluster_bits is %d, not between %d and %d",
          bits,
          Qcow2.MIN_CLUSTER_BITS,
          Qcow2.MAX_CLUSTER_BITS);
      this.clusterBits = (int) bits;
      this.clusterSize = 1 << clusterBits;
    }

    Qcow2Header parse() throws IOException {
      boolean v3 = version >= 3;
      long backingFileOffset = header.u63(0x08); // backing_file_offset
      long backingFileSize = header.u32(0x10); // backing_file_size
      long size = header.u63(0x18); // size
      long cryptMethod = header.u32(0x20); // crypt_method
      long l1Size = header.u32(0x24); // l1_size
      long l1TableOffset = header.u63(0x28); // l1_table_offset
      long refcountTableOffset = header.u63(0x30); // refcount_table_offset
      long refcountTableClusters = header.u32(0x38); // refcount_table_clusters
      long nbSnapshots = header.u32(0x3C); // nb_snapshots
      long snapshotsOffset = header.u63(0x40); // snapshots_offset
      long incompatible = v3 ? header.bits64(INCOMPATIBLE_FEATURES_AT) : 0; // incompatible_features
      long compatible = v3 ? header.bits64(0x50) : 0; // compatible_features
      long autoclear = v3 ? header.bits64(AUTOCLEAR_FEATURES_AT) : 0; // autoclear_features
      long order = v3 ? header.u32(0x60) : Qcow2.V2_REFCOUNT_ORDER; // refcount_order
      long length = v3 ? header.u32(0x64) : Qcow2.V2_HEADER_LENGTH; // header_length

      checkLength(length);
      header.check(order <= Qcow2.MAX_REFCOUNT_ORDER, 0x60, "refcount_order is %d, above 6", order);
      checkBackingName(backingFileOffset, backingFileSize);
      checkL1(l1Size, l1TableOffset, size);
      checkTable(0x30, "refcount_table_offset", refcountTableOffset);
      header.check(
          refcountTableOffset != 0 && refcountTableClusters != 0, 0x30, "no refcount table");
      header.check(
          refcountTableClusters << clusterBits <= Qcow2.MAX_REFCOUNT_TABLE_BYTES,
          0x38,
          "refcount_table_clusters is %d: the table exceeds 8 MiB",
          refcountTableClusters);
      header.check(
          nbSnapshots <= Qcow2.MAX_SNAPSHOTS, 0x3C, "nb_snapshots is %d, above 65536", nbSnapshots);
      if (nbSnapshots > 0) {
        checkTable(0x40, "snapshots_offset", snapshotsOffset);
      }

      int end = backingFileOffset == 0 ? clusterSize : (int) backingFileOffset;
      HeaderExtensions extensions = HeaderExtensions.read(file, (int) length, end);
      checkSupported(cryptMethod, incompatible, extensions);
      Optional<String> backingFile = backingName(backingFileOffset, backingFileSize);
      return new Qcow2Header(
          version,
          clusterBits,
          size,
          incompatible,
          compatible,
          autoclear,
          (int) order,
          compressionType(incompatible, length),
          (int) l1Size,
          l1TableOffset,
          refcountTableOffset,
          (int) refcountTableClusters,
          (int) nbSnapshots,
          snapshotsOffset,
          backingFile,
          Optional.ofNullable(extensions.backingFormat()),
          extensions.unknown());
    }

    private void checkLength(long length) throws CorruptFormatException {
      if (version >= 3) {
        header.check(
            length >= Qcow2.V3_HEADER_LENGTH && length <= clusterSize,
            0x64,
            "header_length is %d, not between 104 and the cluster size of %d",
            length,
            clusterSize);
        header.check(length % 8 == 0, 0x64, "header_length %d is not a multiple of 8", length);
      }
    }

    private void checkBackingName(long offset, long size) throws CorruptFormatException {
      if (offset != 0) {
        header.check(
            offset <= clusterSize,
            0x08,
            "backing_file_offset 0x%x lies outside the first cluster",
            offset);
        header.check(
            size <= Math.min(Qcow2.MAX_BACKING_NAME, clusterSize - offset),
            0x10,
            "backing_file_size is %d: longer than 1023 or than the first cluster",
            size);
      }
    }

    private void checkL1(long l1Size, long l1TableOffset, long size) throws CorruptFormatException {
      header.check(
          l1Size <= Qcow2.MAX_L1_BYTES / Long.BYTES,
          0x24,
          "l1_size is %d: the table exceeds 32 MiB",
          l1Size);
      long span = ((long) clusterSize / Long.BYTES) << clusterBits;
      header.check(
          l1Size >= Math.ceilDiv(size, span),
          0x24,
          "l1_size is %d: too small for a disk of %d bytes",
          l1Size,
          size);
      checkTable(0x28, "l1_table_offset", l1TableOffset);
    }

    private void checkTable(int at, String field, long offset) throws CorruptFormatException {
      header.check(
          (offset & clusterSize - 1) == 0,
          at,
          "%s 0x%x is not a multiple of the cluster size",
          field,
          offset);
      header.check(offset < Qcow2.MAX_HOST_OFFSET, at, "%s 0x%x is too large", field, offset);
    }

    private void checkSupported(long cryptMethod, long incompatible, HeaderExtensions extensions)
        throws IOException {
      List<String> names = new ArrayList<>();
      if (cryptMethod != 0 || extensions.encryption()) {
        names.add(
            switch ((int) cryptMethod) {
              case 1 -> "AES encryption";
              case 0, 2 -> "LUKS encryption";
              default -> "crypt_method " + cryptMethod;
            });
      }
      if ((incompatible & Qcow2.INCOMPATIBLE_DATA_FILE) != 0 || extensions.dataFile()) {
        names.add("external data file");
      }
      if ((incompatible & Qcow2.INCOMPATIBLE_EXTENDED_L2) != 0) {
        names.add("extended L2 entries");
      }
      if (extensions.bitmaps()) {
        names.add("persistent bitmaps");
      }
      names.addAll(unknownFeatures(incompatible, extensions.featureNames()));
      if (!names.isEmpty()) {
        throw new UnsupportedFeatureException(file.name(), names);
      }
    }

    private static List<String> unknownFeatures(long incompatible, Map<Integer, String> known) {
      List<String> names = new ArrayList<>();
      for (int bit = 5; bit < Long.SIZE; bit++) {
        if ((incompatible >>> bit & 1) != 0) {
          names.add(known.getOrDefault(bit, "incompatible feature bit " + bit));
        }
      }
      return names;
    }

    private CompressionType compressionType(long incompatible, long length) throws IOException {
      boolean present = version >= 3 && length > 0x68;
      int type = present ? header.u8(0x68) : 0; // compression_type
      boolean flagged = (incompatible & Qcow2.INCOMPATIBLE_COMPRESSION) != 0;
      header.check(
          flagged == (type != 0),
          0x68,
          "compression_type is %d, and its incompatible feature bit is %s",
          type,
          flagged ? "set" : "clear");
      return switch (type) {
        case 0 -> CompressionType.ZLIB;
        case 1 -> CompressionType.ZSTD;
        default ->
            throw new UnsupportedFeatureException(file.name(), List.of("compression_type " + type));
      };
    }

    private Optional<String> backingName(long offset, long size) throws IOException {
      if (offset == 0 || size == 0) {
        return Optional.empty();
      }
      return Optional.of(file.bytes(offset, (int) size, ByteOrder.BIG_ENDIAN).text(0, (int) size));
    }
  }
}
