package io.fallow.fs.xfs;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;

/**
 * The free-space header of an allocation group, {@code struct xfs_agf}: its second sector.
 *
 * @param agno agf_seqno: the group's number
 * @param length agf_length: the group's blocks
 * @param bnoRoot agf_bno_root: the root of the btree of free extents by block
 * @param cntRoot agf_cnt_root: the root of the btree of free extents by count
 * @param rmapRoot agf_rmap_root: the root of the btree of reverse mappings; 0 if there is none
 * @param bnoLevel agf_bno_level: levels of the btree by block
 * @param cntLevel agf_cnt_level: levels of the btree by count
 * @param flFirst agf_flfirst: index of the free list's first block in the AGFL
 * @param flLast agf_fllast: index of its last one
 * @param flCount agf_flcount: blocks in the free list
 * @param freeBlocks agf_freeblks: blocks in each of the two free-space btrees' extents
 * @param longest agf_longest: blocks of the longest free extent
 * @param btreeBlocks agf_btreeblks: blocks that the btrees of this header hold besides their roots
 * @param rmapBlocks agf_rmap_blocks: blocks of the btree of reverse mappings, with its root
 * @param refcountRoot agf_refcount_root: the root of the btree of shared extents; 0 if none
 */
record Agf(
    long agno,
    long length,
    long bnoRoot,
    long cntRoot,
    long rmapRoot,
    long bnoLevel,
    long cntLevel,
    long flFirst,
    long flLast,
    long flCount,
    long freeBlocks,
    long longest,
    long btreeBlocks,
    long rmapBlocks,
    long refcountRoot) {

  private static final int CRC = 0xD8;

  /**
   * Decodes and checks the sector {@code agf} of group {@code agno}.
   *
   * @throws CorruptFormatException if it is not that group's, or its fields are out of range
   */
  static Agf parse(Bytes agf, Superblock sb, long agno) throws CorruptFormatException {
    int magic = agf.bits32(0x00); // agf_magicnum
    agf.check(magic == Xfs.AGF_MAGIC, 0x00, "agf_magicnum 0x%08x, expected XAGF", magic);
    if (sb.v5()) {
      Checksum.check(agf, CRC, "agf_crc");
      agf.check(agf.uuid(0x40).equals(sb.metaUuid()), 0x40, "agf_uuid is another filesystem's");
    }
    long versionnum = agf.u32(0x04); // agf_versionnum
    agf.check(versionnum == 1, 0x04, "agf_versionnum %d, expected 1", versionnum);
    boolean rmapbt = sb.reverseMappings();
    boolean reflink = (sb.roCompat() & Xfs.RO_COMPAT_REFLINK) != 0;
    Agf result =
        new Agf(
            agf.u32(0x08), // agf_seqno
            agf.u32(0x0C), // agf_length
            agf.u32(0x10), // agf_bno_root
            agf.u32(0x14), // agf_cnt_root
            rmapbt ? agf.u32(0x18) : 0, // agf_rmap_root
            agf.u32(0x1C), // agf_bno_level
            agf.u32(0x20), // agf_cnt_level
            agf.u32(0x28), // agf_flfirst
            agf.u32(0x2C), // agf_fllast
            agf.u32(0x30), // agf_flcount
            agf.u32(0x34), // agf_freeblks
            agf.u32(0x38), // agf_longest
            agf.u32(0x3C), // agf_btreeblks
            rmapbt ? agf.u32(0x50) : 0, // agf_rmap_blocks
            reflink ? agf.u32(0x58) : 0); // agf_refcount_root
    result.check(agf, sb, agno);
    return result;
  }

  private void check(Bytes agf, Superblock sb, long expectedAgno) throws CorruptFormatException {
    agf.check(agno == expectedAgno, 0x08, "agf_seqno %d, expected %d", agno, expectedAgno);
    long expectedLength = sb.agLength(agno);
    agf.check(length == expectedLength, 0x0C, "agf_length %d, expected %d", length, expectedLength);
    int levels = FreeSpaceBtree.maxLevels(sb);
    agf.check(bnoLevel >= 1 && bnoLevel <= levels, 0x1C, "agf_bno_level %d", bnoLevel);
    agf.check(cntLevel >= 1 && cntLevel <= levels, 0x20, "agf_cnt_level %d", cntLevel);
    agf.check(freeBlocks <= length, 0x34, "agf_freeblks %d of %d", freeBlocks, length);
    agf.check(longest <= freeBlocks, 0x38, "agf_longest %d of %d", longest, freeBlocks);
  }
}
