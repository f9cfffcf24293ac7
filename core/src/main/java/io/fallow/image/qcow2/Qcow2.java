package io.fallow.image.qcow2;

/** Numbers of the qcow2 specification, and the limits that QEMU sets where it sets none. */
final class Qcow2 {

  static final int MAGIC = 0x514649FB;

  static final int MIN_CLUSTER_BITS = 9;
  static final int MAX_CLUSTER_BITS = 21;
  static final int MAX_REFCOUNT_ORDER = 6;
  static final int V2_REFCOUNT_ORDER = 4;
  static final int V2_HEADER_LENGTH = 72;
  static final int V3_HEADER_LENGTH = 104;
  static final int MAX_L1_BYTES = 32 << 20;
  static final int MAX_REFCOUNT_TABLE_BYTES = 8 << 20;
  static final int MAX_SNAPSHOTS = 65536;
  static final int MAX_SNAPSHOT_EXTRA = 1024;
  static final int MAX_BACKING_NAME = 1023;
  static final int MAX_BITMAPS = 65535;
  static final int MAX_BACKING_DEPTH = 200;

  /** Tables of all snapshots together; QEMU allows more, and no one has that many. */
  static final long MAX_SNAPSHOT_TABLE_BYTES = 16L << 20;

  static final long MAX_SNAPSHOT_L1_BYTES = 64L << 20;

  static final long INCOMPATIBLE_DIRTY = 1L << 0;
  static final long INCOMPATIBLE_CORRUPT = 1L << 1;
  static final long INCOMPATIBLE_DATA_FILE = 1L << 2;
  static final long INCOMPATIBLE_COMPRESSION = 1L << 3;
  static final long INCOMPATIBLE_EXTENDED_L2 = 1L << 4;
  static final long COMPATIBLE_LAZY_REFCOUNTS = 1L << 0;

  static final int EXTENSION_END = 0;
  static final int EXTENSION_BACKING_FORMAT = 0xE2792ACA;
  static final int EXTENSION_FEATURE_NAMES = 0x6803F857;
  static final int EXTENSION_BITMAPS = 0x23852875;
  static final int EXTENSION_ENCRYPTION = 0x0537BE77;
  static final int EXTENSION_DATA_FILE = 0x44415441;

  /** L1 and L2 entries: the cluster's refcount is exactly one. */
  static final long COPIED = 1L << 63;

  /** L1 and standard L2 entries: bits 9–55 of a host offset. */
  static final long OFFSET_MASK = 0x00FF_FFFF_FFFF_FE00L;

  static final long L1_RESERVED = 0x7F00_0000_0000_01FFL;

  static final long L2_COMPRESSED = 1L << 62;
  static final long L2_ZERO = 1L << 0;
  static final long L2_RESERVED = 0x3F00_0000_0000_01FEL;

  /** Host offsets lie below this: 56 bits. */
  static final long MAX_HOST_OFFSET = 1L << 56;

  static final long REFCOUNT_TABLE_RESERVED = 0x1FFL;

  /** The unit in which metadata is rewritten: no entry crosses one, and a disk writes one whole. */
  static final int SECTOR = 512;

  private Qcow2() {}
}
