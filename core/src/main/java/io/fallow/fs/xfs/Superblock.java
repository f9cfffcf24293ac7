package io.fallow.fs.xfs;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * The superblock, {@code struct xfs_dsb}: the first sector of every allocation group. The first
 * group's is the one in force.
 *
 * @param blockSize sb_blocksize: bytes of a filesystem block, 512 to 64 KiB
 * @param blocks sb_dblocks: blocks of the data device
 * @param realtimeBlocks sb_rblocks: blocks of the realtime device
 * @param uuid sb_uuid: what users see
 * @param logStart sb_logstart: the log's first block, group and block in one number; 0 if external
 * @param rootInode sb_rootino; all bits are set in the copies
 * @param agBlocks sb_agblocks: blocks of each group but the last
 * @param agCount sb_agcount
 * @param logBlocks sb_logblocks: blocks of the log
 * @param version sb_versionnum: version and the flags of version 4
 * @param sectorSize sb_sectsize: bytes of a sector, 512 to 32 KiB
 * @param label sb_fname
 * @param inodesPerBlockLog sb_inopblog
 * @param agBlockLog sb_agblklog: bits of a block's number within its group
 * @param inProgress sb_inprogress: mkfs did not finish
 * @param freeBlocks sb_fdblocks
 * @param logStripe sb_logsunit: bytes to which log records are padded; 0 and 1 stand for 512
 * @param features2 sb_features2, with sb_bad_features2, where old kernels wrote it
 * @param compat sb_features_compat
 * @param roCompat sb_features_ro_compat
 * @param incompat sb_features_incompat
 * @param logIncompat sb_features_log_incompat
 * @param metaUuid what version 5 metadata bears: sb_meta_uuid, or sb_uuid where that is not in use
 */
record Superblock(
    int blockSize,
    long blocks,
    long realtimeBlocks,
    UUID uuid,
    long logStart,
    long rootInode,
    long agBlocks,
    long agCount,
    long logBlocks,
    int version,
    int sectorSize,
    String label,
    int inodesPerBlockLog,
    int agBlockLog,
    boolean inProgress,
    long freeBlocks,
    long logStripe,
    int features2,
    int compat,
    int roCompat,
    int incompat,
    int logIncompat,
    UUID metaUuid) {

  private static final int SIZE = 512;
  private static final int MIN_SIZE_LOG = 9;
  private static final int MAX_SECTOR_LOG = 15;
  private static final int MAX_BLOCK_LOG = 16;
  private static final long MAX_LOG_BYTES = Integer.MAX_VALUE;
  private static final long MAX_LOG_STRIPE = 256 * 1024;

  /** Where sb_crc lies. */
  static final int CRC = 0xE0;

  /**
   * Reads the superblock at the device's start.
   *
   * @throws CorruptFormatException if a field or the checksum is wrong, or the device too small
   */
  static Superblock read(Device device) throws IOException {
    Bytes first = device.bytes(0, SIZE, ByteOrder.BIG_ENDIAN);
    Superblock superblock = parse(first);
    Bytes sector =
        superblock.sectorSize == SIZE
            ? first
            : device.bytes(0, superblock.sectorSize, ByteOrder.BIG_ENDIAN);
    // Like the kernel: a checksum where there should be none hints at a lost version number.
    if (superblock.v5() || sector.bits32(CRC) != 0) {
      Checksum.check(sector, CRC, "sb_crc");
    }
    superblock.checkGeometry(first, device.size());
    return superblock;
  }

  /** Decodes the fields of a superblock and checks those whose meaning depends on no other. */
  static Superblock parse(Bytes sb) throws CorruptFormatException {
    int magic = sb.bits32(0x00); // sb_magicnum
    sb.check(magic == Xfs.SB_MAGIC, 0x00, "sb_magicnum 0x%08x, expected XFSB", magic);
    int version = sb.u16(0x64); // sb_versionnum
    boolean v5 = (version & Xfs.VERSION_NUMBITS) == 5;
    int features2 = sb.bits32(0xC8) | sb.bits32(0xCC); // sb_features2, sb_bad_features2
    int incompat = v5 ? sb.bits32(0xD8) : 0; // sb_features_incompat
    UUID uuid = sb.uuid(0x20); // sb_uuid
    boolean ownMetaUuid = (incompat & Xfs.INCOMPAT_META_UUID) != 0;
    return new Superblock(
        size(sb, 0x04, sb.u32(0x04), sb.u8(0x78), MAX_BLOCK_LOG, "sb_blocksize"),
        sb.u63(0x08), // sb_dblocks
        sb.u63(0x10), // sb_rblocks
        uuid,
        sb.u63(0x30), // sb_logstart
        sb.bits64(0x38), // sb_rootino
        sb.u32(0x54), // sb_agblocks
        sb.u32(0x58), // sb_agcount
        sb.u32(0x60), // sb_logblocks
        version,
        size(sb, 0x66, sb.u16(0x66), sb.u8(0x79), MAX_SECTOR_LOG, "sb_sectsize"),
        sb.text(0x6C, 12), // sb_fname
        sb.u8(0x7B), // sb_inopblog
        sb.u8(0x7C), // sb_agblklog
        sb.u8(0x7E) != 0, // sb_inprogress
        sb.u63(0x90), // sb_fdblocks
        sb.u32(0xC4), // sb_logsunit
        features2,
        v5 ? sb.bits32(0xD0) : 0, // sb_features_compat
        v5 ? sb.bits32(0xD4) : 0, // sb_features_ro_compat
        incompat,
        v5 ? sb.bits32(0xDC) : 0, // sb_features_log_incompat
        ownMetaUuid ? sb.uuid(0xF8) : uuid); // sb_meta_uuid
  }

  private static int size(Bytes sb, int at, long size, int log, int maxLog, String name)
      throws CorruptFormatException {
    boolean sound = log >= MIN_SIZE_LOG && log <= maxLog && size == 1L << log;
    sb.check(sound, at, "%s %d with binary logarithm %d is not valid", name, size, log);
    return (int) size;
  }

  private void checkGeometry(Bytes sb, long deviceSize) throws CorruptFormatException {
    long agBytes = agBlocks * blockSize;
    sb.check(
        agBlocks >= Xfs.MIN_AG_BLOCKS && agBytes <= Xfs.MAX_AG_BYTES,
        0x54,
        "sb_agblocks %d is out of range",
        agBlocks);
    int bits = Long.SIZE - Long.numberOfLeadingZeros(agBlocks - 1);
    sb.check(agBlockLog == bits, 0x7C, "sb_agblklog %d, expected %d", agBlockLog, bits);
    long maxBlocks = deviceSize / blockSize;
    sb.check(
        blocks >= Xfs.MIN_AG_BLOCKS && blocks <= maxBlocks,
        0x08,
        "sb_dblocks %d, but the device holds %d blocks of %d bytes: is it cut short?",
        blocks,
        maxBlocks,
        blockSize);
    long groups = Math.ceilDiv(blocks, agBlocks);
    sb.check(agCount == groups, 0x58, "sb_agcount %d, expected %d", agCount, groups);
    sb.check(inodesPerBlockLog <= MAX_BLOCK_LOG, 0x7B, "sb_inopblog %d", inodesPerBlockLog);
    sb.check(rootAgno() < agCount, 0x38, "sb_rootino 0x%x is beyond the last group", rootInode);
    sb.check(freeBlocks <= blocks, 0x90, "sb_fdblocks %d of %d blocks", freeBlocks, blocks);
    checkLog(sb);
  }

  private void checkLog(Bytes sb) throws CorruptFormatException {
    if (logStart == 0) {
      return; // External: refused with the other features.
    }
    long agno = logStart >>> agBlockLog;
    long agbno = logStart & (1L << agBlockLog) - 1;
    sb.check(
        logBlocks > 0 && logBlocks * blockSize <= MAX_LOG_BYTES,
        0x60,
        "sb_logblocks %d is out of range",
        logBlocks);
    sb.check(
        agno < agCount && agbno >= headerBlocks() && agbno + logBlocks <= agLength(agno),
        0x30,
        "sb_logstart 0x%x: %d blocks do not lie within an allocation group",
        logStart,
        logBlocks);
    sb.check(
        logStripe <= 1 || (logStripe % blockSize == 0 && logStripe <= MAX_LOG_STRIPE),
        0xC4,
        "sb_logsunit %d is not a multiple of the block size up to 256 KiB",
        logStripe);
  }

  /** Whether metadata bears checksums and describes itself: version 5. */
  boolean v5() {
    return (version & Xfs.VERSION_NUMBITS) == 5;
  }

  /** Whether agf_btreeblks is maintained. */
  boolean lazyCount() {
    return v5()
        || ((version & Xfs.VERSION_MOREBITSBIT) != 0
            && (features2 & Xfs.VERSION2_LAZYSBCOUNTBIT) != 0);
  }

  /** Whether log records may have headers of several blocks. */
  boolean logV2() {
    return v5() || (version & Xfs.VERSION_LOGV2BIT) != 0;
  }

  /** Whether groups have a tree of reverse mappings. */
  boolean reverseMappings() {
    return (roCompat & Xfs.RO_COMPAT_RMAPBT) != 0;
  }

  /** The blocks of group {@code agno}. */
  long agLength(long agno) {
    return agno == agCount - 1 ? blocks - agno * agBlocks : agBlocks;
  }

  /** The blocks that the four header sectors of each group touch. */
  long headerBlocks() {
    return Math.ceilDiv((long) Xfs.HEADER_SECTORS * sectorSize, blockSize);
  }

  /** Where a block lies, in bytes. */
  long offset(long agno, long agbno) {
    return (agno * agBlocks + agbno) * blockSize;
  }

  /** The group in which the log lies. */
  long logAgno() {
    return logStart >>> agBlockLog;
  }

  /** The log's first block within its group. */
  long logAgbno() {
    return logStart & (1L << agBlockLog) - 1;
  }

  /** The group in which the root directory's inode lies. */
  long rootAgno() {
    return rootInode >>> inodesPerBlockLog >>> agBlockLog;
  }

  /** The block of the root directory's inode within its group. */
  long rootAgbno() {
    return rootInode >>> inodesPerBlockLog & (1L << agBlockLog) - 1;
  }
}
