package io.fallow.fs.xfs;

/** The numbers of the format, from {@code xfs_format.h} and {@code xfs_log_format.h}. */
final class Xfs {

  /** The unit of disk addresses and of the log, in bytes. */
  static final int BASIC_BLOCK = 512;

  /** No block: the end of a chain of siblings, an absent root. */
  static final long NULL_BLOCK = 0xFFFF_FFFFL;

  static final int SB_MAGIC = 0x58465342; // XFSB
  static final int AGF_MAGIC = 0x58414746; // XAGF
  static final int AGI_MAGIC = 0x58414749; // XAGI
  static final int AGFL_MAGIC = 0x5841464C; // XAFL
  static final int ABTB_MAGIC = 0x41425442; // ABTB
  static final int ABTB_CRC_MAGIC = 0x41423342; // AB3B
  static final int ABTC_MAGIC = 0x41425443; // ABTC
  static final int ABTC_CRC_MAGIC = 0x41423343; // AB3C
  static final int XLOG_HEADER_MAGIC = 0xFEEDBABE;

  /** The sectors at the start of each allocation group: superblock, AGF, AGI, AGFL. */
  static final int HEADER_SECTORS = 4;

  static final int MIN_AG_BLOCKS = 64;
  static final long MAX_AG_BYTES = 1L << 40;

  /** The most free extents that are held in memory, at up to 80 bytes each while they are read. */
  static final int MAX_FREE_EXTENTS = 1 << 21;

  /** The most allocation groups that are read; a group has up to 1 TiB. */
  static final int MAX_AG_COUNT = 1 << 18;

  // sb_versionnum
  static final int VERSION_NUMBITS = 0x000F;
  static final int VERSION_SHAREDBIT = 0x0200;
  static final int VERSION_LOGV2BIT = 0x0400;
  static final int VERSION_DIRV2BIT = 0x2000;
  static final int VERSION_MOREBITSBIT = 0x8000;

  // sb_features2
  static final int VERSION2_LAZYSBCOUNTBIT = 0x0000_0002;
  static final int VERSION2_ATTR2BIT = 0x0000_0008;
  static final int VERSION2_PROJID32BIT = 0x0000_0080;
  static final int VERSION2_CRCBIT = 0x0000_0100;
  static final int VERSION2_FTYPE = 0x0000_0200;

  // sb_features_ro_compat
  static final int RO_COMPAT_FINOBT = 1;
  static final int RO_COMPAT_RMAPBT = 1 << 1;
  static final int RO_COMPAT_REFLINK = 1 << 2;
  static final int RO_COMPAT_INOBTCNT = 1 << 3;

  // sb_features_incompat
  static final int INCOMPAT_FTYPE = 1;
  static final int INCOMPAT_SPINODES = 1 << 1;
  static final int INCOMPAT_META_UUID = 1 << 2;
  static final int INCOMPAT_BIGTIME = 1 << 3;
  static final int INCOMPAT_NEEDSREPAIR = 1 << 4;
  static final int INCOMPAT_NREXT64 = 1 << 5;
  static final int INCOMPAT_EXCHRANGE = 1 << 6;
  static final int INCOMPAT_PARENT = 1 << 7;
  static final int INCOMPAT_METADIR = 1 << 8;
  static final int INCOMPAT_ZONED = 1 << 9;
  static final int INCOMPAT_ZONE_GAPS = 1 << 10;

  // sb_features_log_incompat
  static final int LOG_INCOMPAT_XATTRS = 1;

  // xlog_op_header
  static final int XLOG_UNMOUNT_TRANS = 0x20;
  static final int XLOG_CLIENT = 0xAA;

  private Xfs() {}
}
