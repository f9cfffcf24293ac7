package io.fallow.fs.xfs;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.fs.xfs.FreeSpaceBtree.Order;
import java.io.IOException;
import java.nio.ByteOrder;

/**
 * One allocation group: its headers, and its free extents, on which both btrees, the counts of the
 * AGF and all known metadata agree.
 *
 * @param extents the free extents by block
 * @param counted the blocks that sb_fdblocks counts: free ones, the free list, and btree blocks
 *     besides roots, since those were taken from the free list
 */
record AllocationGroup(FreeExtents extents, long counted) {

  /**
   * Reads and checks group {@code agno}.
   *
   * @param limit the most extents to hold
   * @throws CorruptFormatException if a structure is broken or disagrees with another
   */
  static AllocationGroup read(Device device, Superblock sb, long agno, int limit)
      throws IOException {
    int sector = sb.sectorSize();
    Bytes headers =
        device.bytes(sb.offset(agno, 0), Xfs.HEADER_SECTORS * sector, ByteOrder.BIG_ENDIAN);
    checkCopy(headers.slice(0, sector), sb);
    Bytes agfSector = headers.slice(sector, sector);
    Agf agf = Agf.parse(agfSector, sb, agno);
    Agi agi = Agi.parse(headers.slice(2L * sector, sector), sb, agno);
    LongList freeList = Agfl.blocks(headers.slice(3L * sector, sector), sb, agf);
    FreeSpaceBtree.Content byBlock = FreeSpaceBtree.read(device, sb, agf, Order.BNOBT, limit);
    FreeSpaceBtree.Content byCount = FreeSpaceBtree.read(device, sb, agf, Order.CNTBT, limit);
    checkAgreement(agfSector, byBlock.extents(), byCount.extents());
    checkCounts(agfSector, agf, byBlock.extents());
    Metadata metadata = new Metadata(agfSector, byBlock.extents());
    metadata.refuse(freeList, "AGFL");
    metadata.refuse(byBlock.blocks(), "bnobt");
    metadata.refuse(byCount.blocks(), "cntbt");
    metadata.refuse(agi.root(), 1, "inobt");
    metadata.refuse(agi.freeRoot(), 1, "finobt");
    metadata.refuse(agf.rmapRoot(), 1, "rmapbt");
    metadata.refuse(agf.refcountRoot(), 1, "refcountbt");
    if (agno == sb.logAgno()) {
      metadata.refuse(sb.logAgbno(), sb.logBlocks(), "the log");
    }
    if (agno == sb.rootAgno()) {
      metadata.refuse(sb.rootAgbno(), 1, "the root directory's inode");
    }
    long treeBlocks = byBlock.blocks().size() - 1L + byCount.blocks().size() - 1L;
    treeBlocks += Math.max(0, agf.rmapBlocks() - 1);
    agfSector.check(
        !sb.lazyCount() || agf.btreeBlocks() == treeBlocks,
        0x3C,
        "agf_btreeblks %d, but the btrees have %d blocks besides their roots",
        agf.btreeBlocks(),
        treeBlocks);
    return new AllocationGroup(byBlock.extents(), agf.freeBlocks() + agf.flCount() + treeBlocks);
  }

  /** Checks what every copy of the superblock has in common, whenever it was last written. */
  private static void checkCopy(Bytes sector, Superblock sb) throws CorruptFormatException {
    Superblock copy = Superblock.parse(sector);
    boolean same =
        copy.blockSize() == sb.blockSize()
            && copy.sectorSize() == sb.sectorSize()
            && copy.agBlocks() == sb.agBlocks()
            && copy.logStart() == sb.logStart()
            && copy.logBlocks() == sb.logBlocks()
            && copy.v5() == sb.v5()
            && copy.metaUuid().equals(sb.metaUuid());
    sector.check(same, 0, "this copy of the superblock is of another filesystem");
    if (sb.v5()) {
      Checksum.check(sector, Superblock.CRC, "sb_crc");
    }
  }

  private static void checkAgreement(Bytes agf, FreeExtents byBlock, FreeExtents byCount)
      throws CorruptFormatException {
    int difference = byBlock.mismatch(byCount.byBlock());
    agf.check(
        difference < 0,
        0x14,
        "bnobt and cntbt differ from extent %d on; they hold %d and %d extents",
        difference,
        byBlock.size(),
        byCount.size());
  }

  private static void checkCounts(Bytes sector, Agf agf, FreeExtents extents)
      throws CorruptFormatException {
    long total = extents.total();
    sector.check(
        total == agf.freeBlocks(),
        0x34,
        "agf_freeblks %d, but bnobt has %d blocks",
        agf.freeBlocks(),
        total);
    long longest = extents.longest();
    sector.check(
        longest == agf.longest(),
        0x38,
        "agf_longest %d, but bnobt's longest extent has %d blocks",
        agf.longest(),
        longest);
  }

  /** Blocks known to be in use, held against the free extents. */
  private record Metadata(Bytes agf, FreeExtents extents) {

    void refuse(LongList blocks, String owner) throws CorruptFormatException {
      for (int i = 0; i < blocks.size(); i++) {
        refuse(blocks.get(i), 1, owner);
      }
    }

    void refuse(long start, long count, String owner) throws CorruptFormatException {
      agf.check(
          !extents.overlaps(start, count),
          0x10,
          "bnobt calls blocks free that hold %s, %d from 0x%x on",
          owner,
          count,
          start);
    }
  }
}
