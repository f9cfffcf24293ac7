package io.fallow.fs.ext;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import java.io.IOException;
import java.nio.ByteOrder;

/** The blocks of one inode: claims them, and compares their number and order with its sizes. */
final class ContentCheck implements FileMap.Visitor {

  private static final int SECTOR = 512;
  private static final int DIND_AT = 13 * 4;
  private static final int LOG_LEAST_DIRECTORY_BLOCKS = 21;

  private final Volume volume;
  private final Inode inode;
  private final InodeCheck rules;
  private final BlockClaims claims;
  private final ExtendedAttributes attributes;

  /** Clusters that the inode uses. */
  private long clusters;

  private long lastLogical = -1;
  private long lastWritten = -1;
  private long previous;

  ContentCheck(
      Volume volume, Inode inode, InodeCheck rules, BlockClaims claims, SparseBits referenced) {
    this.volume = volume;
    this.inode = inode;
    this.rules = rules;
    this.claims = claims;
    this.attributes = new ExtendedAttributes(volume, inode, referenced);
  }

  /** Checks all that belongs to the inode. */
  void check() throws IOException {
    if (!rules.isHidden(inode)) {
      attributes.readBody();
    }
    boolean sharedBlock = claimAttributes();
    if (inode.has(Inode.Flag.INLINE_DATA)) {
      checkInline();
    } else if (rules.isResize(inode)) {
      claimResize();
      return;
    } else if (InodeCheck.isBadBlocks(inode)) {
      // It has no mode, and its blocks may be copies of superblock and descriptors.
      BlockMap.walk(volume, inode, this);
      return;
    } else if (inode.hasMap()) {
      FileMap.walk(volume, inode, this);
      checkSize();
    }
    if (inode.has(Inode.Flag.ENCRYPT) && !rules.isHidden(inode) && !sharedBlock) {
      check(attributes.encrypted(), "encrypted, but has no sound encryption context");
    }
    checkBlockCount();
  }

  /** Whether an earlier inode uses the same block of attributes, which was read for that one. */
  private boolean claimAttributes() throws IOException {
    long block = inode.attributeBlock();
    if (block == 0) {
      return false;
    }
    check(volume.has(Feature.EXT_ATTR), "i_file_acl is %d, expected 0 without EXT_ATTR", block);
    clusters++;
    if (claims.isShared(block)) {
      return true;
    }
    claims.claim(inode.number(), block, 1, 0);
    claims.share(block, attributes.readBlock(volume.block(block)));
    return false;
  }

  @Override
  public void node(long block) throws IOException {
    clusters += claims.claim(inode.number(), block, 1, 0);
  }

  @Override
  public void run(long logical, long physical, long length, boolean written) throws IOException {
    if (InodeCheck.isBadBlocks(inode)) {
      claimBad(physical, length);
      return;
    }
    clusters += claims.claim(inode.number(), physical, length, previous);
    previous = physical + length - 1;
    if (inode.isDirectory()) {
      check(written, "directory has blocks that were never written");
      check(
          logical == lastLogical + 1,
          "directory has no block %d, but a later one",
          lastLogical + 1);
      long most = 1L << (LOG_LEAST_DIRECTORY_BLOCKS - volume.superblock().logBlockSize());
      check(
          volume.has(Feature.LARGEDIR) || logical + length <= most,
          "directory has %d blocks, expected at most %d",
          logical + length,
          most);
    } else if (rules.isJournal(inode)) {
      check(logical == lastLogical + 1, "the journal has no block %d", lastLogical + 1);
    }
    lastLogical = logical + length - 1;
    if (written) {
      lastWritten = lastLogical;
    }
  }

  /** Bad blocks may lie where backups of superblock and descriptors would be. */
  private void claimBad(long physical, long length) throws IOException {
    claims.checkPlace(inode.number(), physical, length);
    for (long block = physical; block < physical + length; block++) {
      if (!claims.isMetadata(block)) {
        claims.claim(inode.number(), block, 1, 0);
        continue;
      }
      long perGroup = volume.superblock().blocksPerGroup();
      int group = (int) ((block - volume.superblock().firstDataBlock()) / perGroup);
      check(
          group > 0 && volume.geometry().baseBlocks(group).end() > block,
          "bad block %d lies in metadata",
          block);
    }
  }

  /** Its one double indirect block is its own; what that leads to is known as metadata. */
  private void claimResize() throws IOException {
    long block = inode.block().u32(DIND_AT);
    if (block != 0) {
      claims.claim(inode.number(), block, 1, 0);
      Bytes numbers = volume.block(block);
      for (int at = 0; at < numbers.size(); at += 4) {
        long reserved = numbers.u32(at);
        check(
            reserved == 0 || claims.isMetadata(reserved),
            "resize inode names block %d, which is not kept for group descriptors",
            reserved);
      }
    }
  }

  private void checkInline() throws CorruptFormatException {
    check(
        attributes.inline() || rules.isHidden(inode),
        "INLINE_DATA is set, but there is no attribute for it");
    if (inode.isDirectory() || inode.isSymlink()) {
      long stored = Inode.BLOCK_SIZE + attributes.inlineData().size();
      // A link's target ends before its space does.
      check(
          inode.isSymlink() ? inode.size() <= stored : inode.size() == stored,
          "i_size is %d, but there are %d bytes of inline data",
          inode.size(),
          stored);
    }
  }

  private void checkSize() throws IOException {
    long size = inode.size();
    long blockSize = volume.blockSize();
    check(size >= 0, "i_size is 0x%x, absurdly large", size);
    if (inode.isDirectory()) {
      long blocks = size / blockSize;
      int ahead = volume.superblock().preallocatedDirectoryBlocks();
      check(
          size > 0
              && size % blockSize == 0
              && blocks <= lastLogical + 1
              && lastLogical + 1 - blocks <= ahead,
          "i_size of the directory is %d, but it has %d blocks",
          size,
          lastLogical + 1);
    } else if (!inode.isSymlink()) {
      check(
          lastWritten <= 0 || inode.has(Inode.Flag.VERITY) || size >= lastWritten * blockSize,
          "i_size is %d, but data reach to block %d",
          size,
          lastWritten);
      check(size >>> 32 < blockSize, "i_size is %d, more than the format can map", size);
    } else {
      check(lastLogical == 0, "symbolic link has %d blocks, expected 1", lastLogical + 1);
    }
    if (rules.isJournal(inode)) {
      check(
          lastLogical + 1 >= Math.ceilDiv(size, blockSize),
          "the journal's i_size is %d, but it has %d blocks",
          size,
          lastLogical + 1);
      checkJournalVersion();
    }
  }

  /** The first version of the journal's superblock has no fields behind the 36th byte. */
  private void checkJournalVersion() throws IOException {
    long offset = FileStart.block(volume.device(), volume.geometry(), inode) * volume.blockSize();
    Bytes journal = volume.device().bytes(offset, JournalSuperblock.SIZE, ByteOrder.BIG_ENDIAN);
    boolean first = journal.u32(0x4) == 3;
    journal.check(
        !first || (journal.bits32(0x24) | journal.bits32(0x28) | journal.bits32(0x2C)) == 0,
        0x24,
        "the journal's superblock is of version 1, but has features of version 2; run e2fsck -f");
    journal.check(
        journal.u32(0x40) <= 1,
        0x40,
        "s_nr_users of the journal is %d, expected at most 1; run e2fsck -f",
        journal.u32(0x40));
  }

  private void checkBlockCount() throws CorruptFormatException {
    if (!rules.hasBlockCount()) {
      return;
    }
    boolean huge = volume.has(Feature.HUGE_FILE) && inode.has(Inode.Flag.HUGE_FILE);
    int unit = huge ? 1 : volume.blockSize() / SECTOR;
    long own = clusters * volume.geometry().blocksPerCluster() * unit;
    long withOutside = own + attributes.outsideBlocks() * unit;
    check(
        inode.blocks() == own || inode.blocks() == withOutside,
        "i_blocks is %d, expected %d",
        inode.blocks(),
        own);
  }

  private void check(boolean condition, String message, Object... arguments)
      throws CorruptFormatException {
    volume.check(condition, inode.number(), message, arguments);
  }
}
