package io.fallow.fs.xfs;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;

/**
 * The free list of an allocation group, {@code struct xfs_agfl}: its fourth sector, a ring of
 * blocks set aside for the group's btrees. They are in no btree of free extents, and stay in use.
 */
final class Agfl {

  private static final int CRC = 0x20;
  private static final int V5_HEADER = 0x24;

  private Agfl() {}

  /**
   * The blocks of the list in the sector {@code agfl}, of which {@code agf} names the bounds.
   *
   * @throws CorruptFormatException if it is not that group's, or the bounds or a block are wrong
   */
  static LongList blocks(Bytes agfl, Superblock sb, Agf agf) throws CorruptFormatException {
    int header = 0;
    if (sb.v5()) {
      header = V5_HEADER;
      int magic = agfl.bits32(0x00); // agfl_magicnum
      agfl.check(magic == Xfs.AGFL_MAGIC, 0x00, "agfl_magicnum 0x%08x, expected XAFL", magic);
      Checksum.check(agfl, CRC, "agfl_crc");
      agfl.check(agfl.uuid(0x08).equals(sb.metaUuid()), 0x08, "agfl_uuid is another filesystem's");
      long seqno = agfl.u32(0x04); // agfl_seqno
      agfl.check(seqno == agf.agno(), 0x04, "agfl_seqno %d, expected %d", seqno, agf.agno());
    }
    int slots = (int) (agfl.size() - header) / Integer.BYTES;
    checkBounds(agfl, agf, slots);
    LongList blocks = new LongList();
    int slot = (int) agf.flFirst();
    for (int i = 0; i < agf.flCount(); i++) {
      long at = header + (long) slot * Integer.BYTES;
      long block = agfl.u32(at); // agfl_bno
      agfl.check(
          block >= sb.headerBlocks() && block < agf.length(),
          at,
          "agfl_bno 0x%x lies outside its group",
          block);
      blocks.add(block);
      slot = slot + 1 == slots ? 0 : slot + 1;
    }
    return blocks;
  }

  private static void checkBounds(Bytes agfl, Agf agf, int slots) throws CorruptFormatException {
    long first = agf.flFirst();
    long last = agf.flLast();
    long count = agf.flCount();
    agfl.check(
        first < slots && last < slots && count <= slots,
        0,
        "agf_flfirst %d, agf_fllast %d or agf_flcount %d is beyond the list's %d slots",
        first,
        last,
        count,
        slots);
    // An empty ring has its bounds crossed. Kernels before 4.5 disagreed on the number of slots,
    // and left rings whose bounds and count differ; mounting with a newer one mends that.
    long active = count == 0 ? 0 : last >= first ? last - first + 1 : slots - first + last + 1;
    agfl.check(
        active == count,
        0,
        "agf_flcount %d, but agf_flfirst %d to agf_fllast %d are %d: mount it once, or run"
            + " xfs_repair",
        count,
        first,
        last,
        active);
  }
}
