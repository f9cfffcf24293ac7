package io.fallow.fs.ext;

import static io.fallow.fs.ext.ExtConstants.FLAGS_SNAPSHOT;
import static io.fallow.fs.ext.ExtConstants.MMP_CHECKING;
import static io.fallow.fs.ext.ExtConstants.MMP_CLEAN;
import static io.fallow.fs.ext.ExtConstants.ROOT_INODE;
import static io.fallow.fs.ext.ExtConstants.STATE_ERROR;
import static io.fallow.fs.ext.ExtConstants.STATE_VALID;
import static io.fallow.fs.ext.ExtConstants.SUPERBLOCK_OFFSET;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.format.Refusal;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Whether the filesystem was unmounted cleanly. If not, blocks that the bitmaps call free may hold
 * data: those of transactions which only the journal knows, or which were never written.
 */
final class Cleanliness {

  private static final String RECOVER = "mount and unmount it once in its guest, or run e2fsck -f";

  private Cleanliness() {}

  /** What the superblock says; empty if it is clean. */
  static Optional<Refusal> ofSuperblock(Superblock superblock) {
    if (superblock.has(Feature.RECOVER)) {
      return unclean(
          Superblock.At.FEATURE_INCOMPAT,
          "INCOMPAT_RECOVER is set: the journal was not replayed; " + RECOVER);
    }
    int state = superblock.state();
    if ((state & STATE_ERROR) != 0) {
      return unclean(
          Superblock.At.STATE, "s_state 0x%x has ERROR_FS: run e2fsck -f".formatted(state));
    }
    if ((state & STATE_VALID) == 0) {
      return unclean(
          Superblock.At.STATE,
          "s_state 0x%x lacks VALID_FS: not unmounted cleanly; %s".formatted(state, RECOVER));
    }
    if (state != STATE_VALID) {
      return unclean(
          Superblock.At.STATE,
          "s_state 0x%x says that recovery is under way; run e2fsck -f".formatted(state));
    }
    if (superblock.lastOrphan() != 0) {
      return unclean(
          Superblock.At.LAST_ORPHAN,
          "s_last_orphan is %d: deleted files wait to be released; %s"
              .formatted(superblock.lastOrphan(), RECOVER));
    }
    if (superblock.has(Feature.ORPHAN_PRESENT)) {
      return unclean(
          Superblock.At.FEATURE_RO_COMPAT,
          "RO_COMPAT_ORPHAN_PRESENT is set: deleted files wait to be released; " + RECOVER);
    }
    if ((superblock.flags() & FLAGS_SNAPSHOT) != 0) {
      return Optional.of(
          new Refusal(
              Refusal.Kind.UNSUPPORTED,
              "superblock at 0x%x: s_flags 0x%x marks a snapshot; leave it alone"
                  .formatted(SUPERBLOCK_OFFSET + Superblock.At.FLAGS, superblock.flags())));
    }
    return Optional.empty();
  }

  /**
   * What the block of multi-mount protection says; empty if there is none or it is clean.
   *
   * @throws CorruptFormatException if the block is broken
   */
  static Optional<Refusal> ofMmp(Device device, Superblock superblock, Geometry geometry)
      throws IOException {
    if (!superblock.has(Feature.MMP)) {
      return Optional.empty();
    }
    long block = superblock.mmpBlock();
    if (block <= superblock.firstDataBlock() || block >= geometry.blocks()) {
      throw new CorruptFormatException(
          device.name(),
          SUPERBLOCK_OFFSET + Superblock.At.MMP_BLOCK,
          "s_mmp_block is %s, expected one of the filesystem's %d blocks; run e2fsck"
              .formatted(Long.toUnsignedString(block), geometry.blocks()));
    }
    long offset = block * geometry.blockSize();
    MmpBlock mmp =
        MmpBlock.read(device.bytes(offset, MmpBlock.SIZE, ByteOrder.LITTLE_ENDIAN), superblock);
    if (mmp.sequence() == MMP_CLEAN) {
      return Optional.empty();
    }
    String user = mmp.sequence() == MMP_CHECKING ? "a checker" : "a mount";
    return Optional.of(
        new Refusal(
            Refusal.Kind.UNCLEAN,
            "MMP block at 0x%x: mmp_seq 0x%08x says that %s on host %s uses it; stop that, or run "
                    .formatted(offset, mmp.sequence(), user, quoted(mmp.node()))
                + "tune2fs -f -E clear_mmp if that host is dead"));
  }

  /**
   * What the internal journal says; empty if it is empty, or there is none. A journal on another
   * device is believed to be empty when the superblock does not demand recovery, as the kernel
   * does: every mount that writes sets INCOMPAT_RECOVER there.
   *
   * @throws CorruptFormatException if the journal is broken
   */
  static Optional<Refusal> ofJournal(
      Device device, Superblock superblock, Geometry geometry, GroupDescriptors descriptors)
      throws IOException {
    long number = superblock.journalInode();
    if (number == 0) {
      return Optional.empty();
    }
    if (number > superblock.inodesCount() || number == ROOT_INODE) {
      throw badJournal(device, "s_journal_inum is %d, expected an inode".formatted(number));
    }
    Inode inode = Inode.read(device, superblock, geometry, descriptors, number);
    if (!inode.isRegular()) {
      throw badJournal(
          device, "the journal's inode %d is no regular file in use".formatted(number));
    }
    long offset = FileStart.block(device, geometry, inode) * geometry.blockSize();
    JournalSuperblock journal =
        JournalSuperblock.read(
            device.bytes(offset, JournalSuperblock.SIZE, ByteOrder.BIG_ENDIAN),
            geometry.blockSize());
    String where = "journal at 0x%x: ".formatted(offset);
    if (journal.start() != 0) {
      return Optional.of(
          new Refusal(
              Refusal.Kind.UNCLEAN,
              where
                  + "s_start is %d, so it is not empty, though RECOVER is clear; run e2fsck -f"
                      .formatted(journal.start())));
    }
    if (journal.errno() != 0) {
      return Optional.of(
          new Refusal(
              Refusal.Kind.UNCLEAN,
              where + "s_errno is %d; run e2fsck -f".formatted(journal.errno())));
    }
    if (journal.fastCommits()) {
      return Optional.of(
          new Refusal(
              Refusal.Kind.UNCLEAN,
              where + "FAST_COMMIT is set: fast commits may wait to be replayed; " + RECOVER));
    }
    return Optional.empty();
  }

  private static CorruptFormatException badJournal(Device device, String reason) {
    return new CorruptFormatException(
        device.name(), SUPERBLOCK_OFFSET + Superblock.At.JOURNAL_INUM, reason + "; run e2fsck");
  }

  private static Optional<Refusal> unclean(int at, String reason) {
    return Optional.of(
        new Refusal(
            Refusal.Kind.UNCLEAN,
            "superblock at 0x%x: %s".formatted(SUPERBLOCK_OFFSET + at, reason)));
  }

  /** The text with anything that is not printable replaced: it comes from the disk. */
  private static String quoted(String text) {
    return "'" + text.replaceAll("[^ -~]", "?") + "'";
  }
}
