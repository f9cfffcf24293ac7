package io.fallow.fs.ext;

import static io.fallow.fs.ext.ExtConstants.OLD_INODE_SIZE;
import static io.fallow.fs.ext.ExtConstants.ROOT_INODE;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;

/** What an inode says of itself, before any of its blocks is looked at. */
final class InodeCheck {

  private static final int BAD_BLOCKS_INODE = 1;
  private static final int BOOT_LOADER_INODE = 5;
  private static final int RESIZE_INODE = 7;
  private static final int JOURNAL_INODE = 8;
  private static final int OS_HURD = 1;
  private static final int EXTENT_MAGIC = 0xF30A;

  private static final int FIFO = 0x1;
  private static final int CHARACTER_DEVICE = 0x2;
  private static final int DIRECTORY = 0x4;
  private static final int BLOCK_DEVICE = 0x6;
  private static final int REGULAR = 0x8;
  private static final int SYMLINK = 0xA;
  private static final int SOCKET = 0xC;

  private final Volume volume;
  private final boolean hurd;

  InodeCheck(Volume volume) {
    this.volume = volume;
    this.hurd = volume.superblock().creatorOs() == OS_HURD;
  }

  /** Whether it is the list of bad blocks. */
  static boolean isBadBlocks(Inode inode) {
    return inode.number() == BAD_BLOCKS_INODE;
  }

  /** Whether it holds blocks that are kept for more group descriptors. */
  boolean isResize(Inode inode) {
    return inode.number() == RESIZE_INODE && volume.has(Feature.RESIZE_INODE);
  }

  /** Whether it is the journal within this filesystem. */
  boolean isJournal(Inode inode) {
    return inode.number() == volume.superblock().journalInode();
  }

  /** Whether no directory entry names it: reserved, quota, orphan file. */
  boolean isHidden(Inode inode) {
    long number = inode.number();
    return (number != ROOT_INODE && number < volume.superblock().firstInode())
        || isJournal(inode)
        || isQuota(number)
        || isOrphanFile(number);
  }

  /** Whether {@code i_blocks} can be compared: the Hurd keeps something else there. */
  boolean hasBlockCount() {
    return !hurd;
  }

  /** Checks mode, links, sizes and flags of an inode in use. */
  void check(Inode inode) throws CorruptFormatException, UnsupportedFeatureException {
    checkFlags(inode);
    if (isHidden(inode)) {
      checkHidden(inode);
      return;
    }
    long number = inode.number();
    Bytes bytes = inode.bytes();
    volume.check(
        inode.links() > 0, number, "i_links_count is 0, but the inode bitmap calls it used");
    volume.check(inode.deleted() == 0, number, "i_dtime is %d, but it is in use", inode.deleted());
    if (!hurd) {
      volume.check(bytes.u32(0x70) == 0, number, "i_faddr is %d, expected 0", bytes.u32(0x70));
      volume.check(
          volume.has(Feature.BIT64) || bytes.u16(0x76) == 0,
          number,
          "i_file_acl_high is %d, expected 0 without 64BIT",
          bytes.u16(0x76));
      volume.check(
          volume.has(Feature.HUGE_FILE) || bytes.u16(0x74) == 0,
          number,
          "i_blocks_high is %d, expected 0 without HUGE_FILE",
          bytes.u16(0x74));
    }
    checkExtraSize(inode);
    checkKind(inode);
  }

  private void checkFlags(Inode inode) throws CorruptFormatException {
    long number = inode.number();
    flag(inode, Inode.Flag.EXTENTS, volume.has(Feature.EXTENTS), "EXTENTS");
    flag(inode, Inode.Flag.INLINE_DATA, volume.has(Feature.INLINE_DATA), "INLINE_DATA");
    flag(inode, Inode.Flag.IMAGIC, volume.has(Feature.IMAGIC_INODES), "IMAGIC");
    boolean casefold = volume.has(Feature.CASEFOLD) && inode.format() == DIRECTORY;
    flag(inode, Inode.Flag.CASEFOLD, casefold, "CASEFOLD");
    flag(inode, Inode.Flag.EA_INODE, inode.format() == REGULAR, "EA_INODE");
    volume.check(
        !inode.has(Inode.Flag.EXTENTS | Inode.Flag.INLINE_DATA),
        number,
        "i_flags 0x%x has both EXTENTS and INLINE_DATA",
        inode.flags());
    boolean tree =
        inode.block().u16(0) == EXTENT_MAGIC
            && inode.block().u16(2) <= inode.block().u16(4)
            && inode.block().u16(4) <= 4
            && inode.block().u16(4) >= 2;
    volume.check(
        !tree
            || !volume.has(Feature.EXTENTS)
            || inode.has(Inode.Flag.EXTENTS)
            || inode.has(Inode.Flag.INLINE_DATA)
            || (inode.format() != REGULAR && inode.format() != DIRECTORY),
        number,
        "i_block holds an extent tree, but i_flags 0x%x lacks EXTENTS",
        inode.flags());
  }

  private void flag(Inode inode, int flag, boolean allowed, String name)
      throws CorruptFormatException {
    volume.check(
        allowed || !inode.has(flag),
        inode.number(),
        "i_flags 0x%x has %s, which cannot be here",
        inode.flags(),
        name);
  }

  private void checkHidden(Inode inode) throws CorruptFormatException {
    long number = inode.number();
    boolean file = isJournal(inode) || isQuota(number) || isOrphanFile(number);
    boolean mayBeFile = number == BOOT_LOADER_INODE || number == RESIZE_INODE;
    boolean fits =
        file
            ? inode.format() == REGULAR
            : inode.mode() == 0 || (mayBeFile && inode.format() == REGULAR);
    volume.check(
        fits || (number == BOOT_LOADER_INODE && inode.format() != DIRECTORY),
        number,
        "i_mode is 0x%04x, impossible for this reserved inode",
        inode.mode());
    if (isBadBlocks(inode)) {
      volume.check(
          inode.links() == 0 && inode.attributeBlock() == 0 && !inode.has(Inode.Flag.INLINE_DATA),
          number,
          "the list of bad blocks has links or attributes");
    } else if (number == JOURNAL_INODE && !file) {
      volume.check(
          inode.links() == 0 && inode.blocks() == 0 && inode.block().u32(0) == 0,
          number,
          "in use, but s_journal_inum is %d",
          volume.superblock().journalInode());
    }
  }

  private void checkExtraSize(Inode inode) throws CorruptFormatException {
    int extra = inode.extraSize();
    volume.check(
        extra == 0
            || (extra >= 4
                && extra % 4 == 0
                && extra <= volume.superblock().inodeSize() - OLD_INODE_SIZE),
        inode.number(),
        "i_extra_isize is %d, expected a multiple of 4 within the inode",
        extra);
  }

  private void checkKind(Inode inode) throws CorruptFormatException {
    long number = inode.number();
    switch (inode.format()) {
      case REGULAR -> {}
      case DIRECTORY ->
          volume.check(
              volume.has(Feature.LARGEDIR) || inode.size() >>> 32 == 0,
              number,
              "i_size_high is %d, expected 0 without LARGEDIR",
              inode.size() >>> 32);
      case SYMLINK -> checkSymlink(inode);
      case FIFO, CHARACTER_DEVICE, BLOCK_DEVICE, SOCKET -> {
        int never = Inode.Flag.INDEX | Inode.Flag.EXTENTS | Inode.Flag.INLINE_DATA;
        volume.check(
            inode.size() == 0 && (inode.flags() & never) == 0,
            number,
            "i_size is %d and i_flags 0x%x, impossible for a device, FIFO or socket",
            inode.size(),
            inode.flags());
      }
      default -> throw volume.corrupt(number, "i_mode is 0x%04x, which is no kind", inode.mode());
    }
  }

  private void checkSymlink(Inode inode) throws CorruptFormatException {
    long number = inode.number();
    volume.check(
        inode.size() > 0 && inode.size() < volume.blockSize() && !inode.has(Inode.Flag.INDEX),
        number,
        "i_size of the symbolic link is %d, expected 1 to %d",
        inode.size(),
        volume.blockSize() - 1);
    if (!inode.isFastSymlink() || inode.has(Inode.Flag.INLINE_DATA)) {
      return;
    }
    Bytes target = inode.block();
    int length = 0;
    if (inode.has(Inode.Flag.ENCRYPT)) {
      length = target.u16(0) + 2;
    } else {
      while (length < target.size() && target.u8(length) != 0) {
        length++;
      }
    }
    volume.check(
        !inode.has(Inode.Flag.EXTENTS) && length == inode.size() && length < target.size(),
        number,
        "i_size of the symbolic link is %d, but its target has %d bytes",
        inode.size(),
        length);
  }

  private boolean isQuota(long number) {
    return volume.has(Feature.QUOTA) && volume.superblock().quotaInodes().contains(number);
  }

  private boolean isOrphanFile(long number) {
    return volume.has(Feature.ORPHAN_FILE) && volume.superblock().orphanFileInode() == number;
  }
}
