package io.fallow.fs.xfs;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;

/**
 * The inode header of an allocation group, {@code struct xfs_agi}: its third sector. Only what
 * serves as evidence against the map of free blocks is kept.
 *
 * @param root agi_root: the root of the inode btree
 * @param freeRoot agi_free_root: the root of the btree of free inodes; 0 if there is none
 */
record Agi(long root, long freeRoot) {

  private static final int CRC = 0x138;

  /**
   * Decodes and checks the sector {@code agi} of group {@code agno}.
   *
   * @throws CorruptFormatException if it is not that group's
   */
  static Agi parse(Bytes agi, Superblock sb, long agno) throws CorruptFormatException {
    int magic = agi.bits32(0x00); // agi_magicnum
    agi.check(magic == Xfs.AGI_MAGIC, 0x00, "agi_magicnum 0x%08x, expected XAGI", magic);
    if (sb.v5()) {
      Checksum.check(agi, CRC, "agi_crc");
      agi.check(agi.uuid(0x128).equals(sb.metaUuid()), 0x128, "agi_uuid is another filesystem's");
    }
    long versionnum = agi.u32(0x04); // agi_versionnum
    agi.check(versionnum == 1, 0x04, "agi_versionnum %d, expected 1", versionnum);
    long seqno = agi.u32(0x08); // agi_seqno
    agi.check(seqno == agno, 0x08, "agi_seqno %d, expected %d", seqno, agno);
    long length = agi.u32(0x0C); // agi_length
    long expected = sb.agLength(agno);
    agi.check(length == expected, 0x0C, "agi_length %d, expected %d", length, expected);
    boolean finobt = (sb.roCompat() & Xfs.RO_COMPAT_FINOBT) != 0;
    return new Agi(
        agi.u32(0x14), // agi_root
        finobt ? agi.u32(0x148) : 0); // agi_free_root
  }
}
