package io.fallow.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.format.Refusal;
import io.fallow.format.Refused;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One field of a sound filesystem is changed; the exact complaint is expected. */
class ExtMutationTest {

  private static final int COMPAT = 0x5C;
  private static final int INCOMPAT = 0x60;
  private static final int RO_COMPAT = 0x64;

  private final ExtFormat format = new ExtFormat();

  record Case(String fixture, String expected, Consumer<Fixture> change) {
    @Override
    public String toString() {
      return fixture + ": " + expected;
    }
  }

  private static Case of(String fixture, Consumer<Fixture> change, String expected) {
    return new Case(fixture, expected, change);
  }

  @ParameterizedTest
  @MethodSource({
    "superblocks",
    "geometries",
    "inconsistentFeatures",
    "descriptors",
    "bitmaps",
    "inodes",
    "journals"
  })
  void corrupt(Case change) {
    Fixture fixture = Fixture.of(change.fixture());
    change.change().accept(fixture);
    assertThatThrownBy(() -> format.open(fixture.file()))
        .isInstanceOf(CorruptFormatException.class)
        .hasMessage("disk at " + change.expected());
  }

  /** The checksums of some fixtures change whenever those are made anew. */
  @ParameterizedTest
  @MethodSource("checksums")
  void corruptChecksum(Case change) {
    Fixture fixture = Fixture.of(change.fixture());
    change.change().accept(fixture);
    assertThatThrownBy(() -> format.open(fixture.file()))
        .isInstanceOf(CorruptFormatException.class)
        .hasMessageStartingWith("disk at " + change.expected());
  }

  static Stream<Case> checksums() {
    return Stream.of(
        of(
            "ext4",
            f -> f.u8(259 * 1024 + 100, 0x55),
            "0x40c00: block bitmap of group 0 has the checksum 0x"),
        of(
            "ext4",
            f -> f.u8(263 * 1024 + 3, 0x55),
            "0x41c00: inode bitmap of group 0 has the checksum 0x"),
        of(
            "ext4",
            f -> f.u16(f.blockAt(f.descriptor(0) + 8) + 256, 0x41FF),
            "0x42d7c: inode 2: i_checksum is 0x"),
        of("mmp", f -> f.u32(1290 * 4096 + 4, 5), "0x50a3fc: mmp_checksum is 0x"));
  }

  static Stream<Case> superblocks() {
    return Stream.of(
        of("ext2", f -> f.super16(0x38, 0xEF54), "0x438: s_magic is 0xef54, expected 0xef53"),
        of("ext2", f -> f.super32(0x4C, 2), "0x44c: s_rev_level is 2, expected 0 or 1"),
        of(
            "revision0",
            f -> f.super32(INCOMPAT, 0x2),
            "0x44c: s_rev_level is 0 although features are set: [FILETYPE]; run e2fsck"),
        of("ext4", f -> f.u8(0x575, 2).sign(), "0x575: s_checksum_type is 2, expected 1"),
        of(
            "ext4",
            f -> f.u32(0x7FC, 0x12345678),
            "0x7fc: s_checksum is 0x12345678, expected 0x%08x; run e2fsck"
                .formatted(Fixture.of("ext4").u32(0x7FC))),
        of("ext4", f -> f.super32(0x150, -1), "0x550: 64-bit count 0xffffffff00002000 is absurd"));
  }

  static Stream<Case> geometries() {
    return Stream.of(
        of("ext2", f -> f.super32(0x18, 7), "0x418: s_log_block_size is 7, expected at most 6"),
        of(
            "ext2",
            f -> f.super32(0x18, -1),
            "0x418: s_log_block_size is 4294967295, expected at most 6"),
        of(
            "ext2",
            f -> f.super32(0x1C, 1),
            "0x41c: s_log_cluster_size is 1, impossible with s_log_block_size 0 and no BIGALLOC"),
        of(
            "bigalloc",
            f -> f.super32(0x1C, 20),
            "0x41c: s_log_cluster_size is 20, impossible with s_log_block_size 0"),
        of("ext2", f -> f.super32(0x14, 0), "0x414: s_first_data_block is 0, expected 1"),
        of("mmp", f -> f.super32(0x14, 1), "0x414: s_first_data_block is 1, expected 0"),
        of(
            "ext2",
            f -> f.super32(0x4, 2049),
            "0x404: s_blocks_count is 2049, expected 2 to 2048, the blocks that the device holds"),
        of(
            "ext2",
            f -> f.super32(0x4, 1),
            "0x404: s_blocks_count is 1, expected 2 to 2048, the blocks that the device holds"),
        of(
            "ext2",
            f -> f.super32(0xC, 2049),
            "0x40c: s_free_blocks_count is 2049, more than s_blocks_count 2048"),
        of(
            "ext2",
            f -> f.super32(0x24, 0),
            "0x424: s_clusters_per_group is 0, expected a multiple of 8 up to 8192, the bits of a"
                + " block"),
        of(
            "ext2",
            f -> f.super32(0x24, 8200),
            "0x424: s_clusters_per_group is 8200, expected a multiple of 8 up to 8192, the bits of"
                + " a block"),
        of(
            "ext2",
            f -> f.super32(0x20, 0),
            "0x420: s_blocks_per_group is 0, expected 8192 by s_clusters_per_group"),
        of(
            "ext2",
            f -> f.super16(0x58, 100),
            "0x458: s_inode_size is 100, expected a power of two from 128 to the block size 1024"),
        of(
            "ext2",
            f -> f.super32(0x28, 0),
            "0x428: s_inodes_per_group is 0, expected a multiple of 8 from 4 to 8192"),
        of(
            "ext2",
            f -> f.super32(0x0, 257),
            "0x400: s_inodes_count is 257, expected 1 groups times s_inodes_per_group 256"),
        of(
            "ext2",
            f -> f.super32(0x54, 10),
            "0x454: s_first_ino is 10, expected 11 to s_inodes_count 256"),
        of(
            "ext2",
            f -> f.super32(0x10, 257),
            "0x410: s_free_inodes_count is 257, more than s_inodes_count 256"),
        of(
            "ext4",
            f -> f.super16(0xFE, 32),
            "0x4fe: s_desc_size is 32, expected a power of two from 64 to 1024"),
        of(
            "ext2",
            f -> f.super16(0xCE, 2040),
            "0x4ce: s_reserved_gdt_blocks is 2040, expected 0 without RESIZE_INODE, else at most"
                + " 256"));
  }

  static Stream<Case> inconsistentFeatures() {
    return Stream.of(
        of(
            "metabg",
            f -> f.super16(0xCE, 1),
            "0x4ce: s_reserved_gdt_blocks is 1, expected 0 without RESIZE_INODE, else at most 256"),
        of(
            "metabg",
            f -> f.superBits(COMPAT, 0x10),
            "0x45c: META_BG and RESIZE_INODE are both set; run e2fsck"),
        of(
            "ext4",
            f -> f.superBits(RO_COMPAT, 0x10),
            "0x464: METADATA_CSUM and GDT_CSUM are both set; run e2fsck"),
        of(
            "uninit",
            f -> f.superBits(INCOMPAT, 0x2000),
            "0x460: CSUM_SEED is set without METADATA_CSUM; run e2fsck"),
        of(
            "metabg",
            f -> f.super32(0x104, 99),
            "0x504: s_first_meta_bg is 99, expected at most 4 descriptor blocks"),
        of(
            "mmp",
            f -> f.super32(0x168, 4096),
            "0x568: s_mmp_block is 4096, expected one of the filesystem's 4096 blocks; run"
                + " e2fsck"));
  }

  static Stream<Case> descriptors() {
    return Stream.of(
        of(
            "ext4",
            f -> f.u16(0x800 + 0x1E, 0x1234),
            "0x81e: group 0: bg_checksum is 0x1234, expected 0x68cf; run e2fsck"),
        of(
            "uninit",
            f -> f.u16(0x800 + 32 + 0x1E, 0x1234),
            "0x83e: group 1: bg_checksum is 0x1234, expected 0x%04x; run e2fsck"
                .formatted(Fixture.of("uninit").u16(0x800 + 32 + 0x1E))),
        of(
            "groups",
            f -> f.u32(f.descriptor(1), 1024),
            "0x820: group 1: bg_block_bitmap is 1024, expected 1 blocks within 1025 to 2049; run"
                + " e2fsck"),
        of(
            "groups",
            f -> f.u32(f.descriptor(1) + 0x4, 2049),
            "0x824: group 1: bg_inode_bitmap is 2049, expected 1 blocks within 1025 to 2049; run"
                + " e2fsck"),
        of(
            "groups",
            f -> f.u32(f.descriptor(1) + 0x8, 2000),
            "0x828: group 1: bg_inode_table is 2000, expected 64 blocks within 1025 to 2049; run"
                + " e2fsck"),
        of(
            "groups",
            f -> f.u16(f.descriptor(1) + 0xC, 1025),
            "0x82c: group 1: bg_free_blocks_count is 1025, expected at most 1024; run e2fsck"),
        of(
            "groups",
            f -> f.u16(f.descriptor(1) + 0xE, 257),
            "0x82e: group 1: bg_free_inodes_count is 257, expected at most 256; run e2fsck"),
        of(
            "groups",
            f -> f.u16(f.descriptor(1) + 0x10, 257),
            "0x830: group 1: bg_used_dirs_count is 257, expected at most 256; run e2fsck"),
        of(
            "groups",
            f -> f.u16(f.descriptor(1) + 0x12, 0x2),
            "0x832: group 1: bg_flags 0x2 calls bitmaps uninitialised that must exist; run"
                + " e2fsck"),
        of(
            "groups",
            f -> f.u32(f.descriptor(1), 1026),
            "0x100800: bg_block_bitmap overlaps other metadata in block 1026; run e2fsck"),
        of(
            "groups",
            f -> f.u32(f.descriptor(1), 1028),
            "0x101000: bg_inode_bitmap overlaps other metadata in block 1028; run e2fsck"));
  }

  static Stream<Case> bitmaps() {
    return Stream.of(
        of(
            "groups",
            f -> f.u16(f.descriptor(1) + 0xC, 955),
            "0x100c00: block bitmap of group 1 has 956 free clusters, but bg_free_blocks_count is"
                + " 955; run e2fsck"),
        of(
            "groups",
            f -> f.super32(0xC, 100),
            "0x40c: s_free_blocks_count is 100, but the groups have %d free blocks; run e2fsck"
                .formatted(Fixture.of("groups").u32(0x40C))),
        of(
            "groups",
            f -> f.u8(f.blockAt(f.descriptor(1)), 0xFE),
            "0x100c00: block bitmap of group 1 calls block 1025 free, which holds metadata; run"
                + " e2fsck"),
        of(
            "groups",
            f -> f.u8(f.blockAt(f.descriptor(1)) + 8, 0xF7),
            "0x100c00: block bitmap of group 1 calls block 1092 free, which holds metadata; run"
                + " e2fsck"),
        of(
            "groups",
            f -> f.u8(f.blockAt(f.descriptor(1)) + 128, 0xFE),
            "0x100c00: block bitmap of group 1 has a clear bit 1024 behind its last cluster; run"
                + " e2fsck"),
        of(
            "groups",
            f -> f.u16(f.descriptor(1) + 0xE, 255),
            "0x101000: inode bitmap of group 1 has 256 free inodes, but bg_free_inodes_count is"
                + " 255; run e2fsck"),
        of(
            "groups",
            f -> f.super32(0x10, 100),
            "0x410: s_free_inodes_count is 100, but the groups have %d free inodes; run e2fsck"
                .formatted(Fixture.of("groups").u32(0x410))),
        of(
            "groups",
            f -> f.u8(f.blockAt(f.descriptor(1) + 4) + 32, 0xFE),
            "0x101000: inode bitmap of group 1 has a clear bit 256 behind its last inode; run"
                + " e2fsck"),
        of(
            "groups",
            f -> f.u8(f.blockAt(f.descriptor(0) + 4), 0xFB),
            "0x1000: inode bitmap of group 0 calls reserved inode 3 free; run e2fsck"));
  }

  static Stream<Case> inodes() {
    return Stream.of(
        of(
            "ext2",
            f -> f.u16(f.blockAt(f.descriptor(0) + 8) + 256, 0x81A4),
            "0x3100: inode 2: i_mode is 0x81a4, expected the root directory; run e2fsck"),
        of(
            "ext2",
            f -> f.u16(f.blockAt(f.descriptor(0) + 8) + 256 + 0x1A, 0),
            "0x3100: inode 2: i_mode is 0x41ed, expected the root directory; run e2fsck"));
  }

  static Stream<Case> journals() {
    return Stream.of(
        of(
            "ext3",
            f -> f.super32(0xE0, 0x7FFFFFFF),
            "0x4e0: s_journal_inum is 2147483647, expected an inode; run e2fsck"),
        of(
            "ext3",
            f -> f.super32(0xE0, 2),
            "0x4e0: s_journal_inum is 2, expected an inode; run e2fsck"),
        of(
            "ext3",
            f -> f.super32(0xE0, 9),
            "0x4e0: the journal's inode 9 is no regular file in use; run e2fsck"),
        of(
            "ext3",
            f -> f.u32be(journal(f), 0),
            "0x%x: h_magic is 0x00000000, expected 0xc03b3998"
                .formatted(journal(Fixture.of("ext3")))),
        of(
            "ext3",
            f -> f.u32be(journal(f) + 4, 5),
            "0x%x: h_blocktype is 5, expected 3 or 4".formatted(journal(Fixture.of("ext3")) + 4)),
        of(
            "ext3",
            f -> f.u32be(journal(f) + 0xC, 4096),
            "0x%x: s_blocksize is 4096, expected 1024"
                .formatted(journal(Fixture.of("ext3")) + 0xC)),
        of(
            "ext3",
            f -> f.u32(journalInode(f) + 0x28, 6144),
            "0x%x: block 6144 of the file lies outside the filesystem's 6144 blocks; run e2fsck"
                .formatted(journalInode(Fixture.of("ext3")) + 0x28)),
        of(
            "uninit",
            f -> f.u16(journalInode(f) + 0x28, 0),
            "0x%x: eh_magic is 0x0000, expected 0xf30a"
                .formatted(journalInode(Fixture.of("uninit")) + 0x28)),
        of(
            "uninit",
            f -> f.u16(journalInode(f) + 0x2A, 0),
            "0x%x: eh_entries is 0, expected a first extent"
                .formatted(journalInode(Fixture.of("uninit")) + 0x2A)),
        of(
            "uninit",
            f -> f.u16(journalInode(f) + 0x2E, 6),
            "0x%x: eh_depth is 6, expected at most 5"
                .formatted(journalInode(Fixture.of("uninit")) + 0x2E)),
        of(
            "uninit",
            f -> f.u32(journalInode(f) + 0x34, 1),
            "0x%x: first extent is of block 1, expected 0"
                .formatted(journalInode(Fixture.of("uninit")) + 0x34)),
        of(
            "mmp",
            f -> f.u32(1290 * 4096, 0),
            "0x50a000: mmp_magic is 0x00000000, expected 0x004d4d50"));
  }

  /** The first block of an ext3 fixture's journal. */
  private static int journal(Fixture fixture) {
    return fixture.blockAt(journalInode(fixture) + 0x28);
  }

  private static int journalInode(Fixture fixture) {
    return fixture.blockAt(fixture.descriptor(0) + 8) + 7 * 256;
  }

  @ParameterizedTest
  @MethodSource("uncleanStates")
  void unclean(Case change) throws IOException {
    Fixture fixture = Fixture.of(change.fixture());
    change.change().accept(fixture);
    assertThat(format.open(fixture.file()))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.refusal().kind()).isEqualTo(Refusal.Kind.UNCLEAN);
              assertThat(refused.refusal().reason()).isEqualTo(change.expected());
            });
  }

  static Stream<Case> uncleanStates() {
    String recover = "mount and unmount it once in its guest, or run e2fsck -f";
    int journal = journal(Fixture.of("ext3"));
    return Stream.of(
        of(
            "ext4",
            f -> f.superBits(INCOMPAT, 0x4),
            "superblock at 0x460: INCOMPAT_RECOVER is set: the journal was not replayed; "
                + recover),
        of(
            "ext2",
            f -> f.super16(0x3A, 0),
            "superblock at 0x43a: s_state 0x0 lacks VALID_FS: not unmounted cleanly; " + recover),
        of(
            "ext2",
            f -> f.super16(0x3A, 3),
            "superblock at 0x43a: s_state 0x3 has ERROR_FS: run e2fsck -f"),
        of(
            "ext2",
            f -> f.super16(0x3A, 5),
            "superblock at 0x43a: s_state 0x5 says that recovery is under way; run e2fsck -f"),
        of(
            "ext3",
            f -> f.super32(0xE8, 12),
            "superblock at 0x4e8: s_last_orphan is 12: deleted files wait to be released; "
                + recover),
        of(
            "ext4",
            f -> f.superBits(RO_COMPAT, 0x10000),
            "superblock at 0x464: RO_COMPAT_ORPHAN_PRESENT is set: deleted files wait to be"
                + " released; "
                + recover),
        of(
            "ext3",
            f -> f.u32be(journal + 0x1C, 1),
            "journal at 0x%x: s_start is 1, so it is not empty, though RECOVER is clear; run"
                    .formatted(journal)
                + " e2fsck -f"),
        of(
            "ext3",
            f -> f.u32be(journal + 0x20, -5),
            "journal at 0x%x: s_errno is -5; run e2fsck -f".formatted(journal)),
        of(
            "ext3",
            f -> f.u32be(journal + 0x28, 0x20),
            "journal at 0x%x: FAST_COMMIT is set: fast commits may wait to be replayed; "
                    .formatted(journal)
                + recover));
  }

  @Test
  void mmpInUseIsRefused() throws IOException {
    // Without checksums, so that the block's own need not be made again.
    Fixture fixture = Fixture.of("ext2");
    int block = 1900;
    fixture.u32(block * 1024, 0x004D4D50).u32(block * 1024 + 4, 7).u8(block * 1024 + 0x10, 'h');
    fixture.superBits(INCOMPAT, 0x100).super32(0x168, block);
    assertThat(format.open(fixture.file()))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.refusal().kind()).isEqualTo(Refusal.Kind.UNCLEAN);
              assertThat(refused.refusal().reason())
                  .isEqualTo(
                      "MMP block at 0x1db000: mmp_seq 0x00000007 says that a mount on host 'h'"
                          + " uses it; stop that, or run tune2fs -f -E clear_mmp if that host is"
                          + " dead");
            });
  }

  @Test
  void mmpBlockThatIsFreeIsCorrupt() {
    Fixture fixture = Fixture.of("ext2");
    int block = 1900;
    fixture.u32(block * 1024, 0x004D4D50).u32(block * 1024 + 4, 0xFF4D4D50);
    fixture.superBits(INCOMPAT, 0x100).super32(0x168, block);
    assertThatThrownBy(() -> format.open(fixture.file()))
        .isInstanceOf(CorruptFormatException.class)
        .hasMessage(
            "disk at 0x2800: block bitmap of group 0 calls block 1900 free, which holds metadata;"
                + " run e2fsck");
  }

  @Test
  void externalJournalIsRefused() throws IOException {
    Fixture fixture = Fixture.of("ext2").superBits(INCOMPAT, 0x8);
    assertThat(format.recognise(fixture.file())).contains("jbd");
    assertThat(format.open(fixture.file()))
        .isEqualTo(
            new Refused(
                "jbd",
                new Refusal(
                    Refusal.Kind.UNSUPPORTED,
                    "superblock at 0x400: INCOMPAT_JOURNAL_DEV is set: the journal of a filesystem"
                        + " on another disk; leave it alone")));
  }

  @Test
  void snapshotIsRefused() throws IOException {
    assertThat(format.open(Fixture.of("ext2").superBits(0x160, 0x10).file()))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.refusal().kind()).isEqualTo(Refusal.Kind.UNSUPPORTED));
  }

  @Test
  void featuresThatAreNotHandledAreNamed() {
    record Flag(int word, int bit, String name) {}
    List<Flag> flags =
        List.of(
            new Flag(COMPAT, 0x40, "COMPAT_LAZY_BG"),
            new Flag(COMPAT, 0x80, "COMPAT_EXCLUDE_INODE"),
            new Flag(COMPAT, 0x100, "COMPAT_EXCLUDE_BITMAP"),
            new Flag(COMPAT, 0x80000000, "COMPAT 0x80000000"),
            new Flag(INCOMPAT, 0x1, "INCOMPAT_COMPRESSION"),
            new Flag(INCOMPAT, 0x20, "INCOMPAT 0x20"),
            new Flag(INCOMPAT, 0x1000, "INCOMPAT_DIRDATA"),
            new Flag(INCOMPAT, 0x40000, "INCOMPAT 0x40000"),
            new Flag(RO_COMPAT, 0x80, "RO_COMPAT_HAS_SNAPSHOT"),
            new Flag(RO_COMPAT, 0x800, "RO_COMPAT_REPLICA"),
            new Flag(RO_COMPAT, 0x4000, "RO_COMPAT_SHARED_BLOCKS"),
            new Flag(RO_COMPAT, 0x20000, "RO_COMPAT 0x20000"));
    for (Flag flag : flags) {
      Fixture fixture = Fixture.of("ext4").superBits(flag.word(), flag.bit());
      assertThatThrownBy(() -> format.open(fixture.file()))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessage("disk: uses what Fallow does not support: " + flag.name());
    }
  }

  @Test
  void tooManyGroupsAreNotSupported() {
    Fixture fixture = Fixture.of("ext2").super32(0x20, 8).super32(0x24, 8).super32(0x28, 8);
    int groups = (1 << 20) + 1;
    fixture.super32(0x4, groups * 8 + 1).super32(0x0, groups * 8).super32(0xC, 0);
    io.fallow.device.MemoryFile file = fixture.file();
    file.resize(1L << 40);
    assertThatThrownBy(() -> format.open(file))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessage(
            "disk: uses what Fallow does not support: 1048577 block groups (at most 1048576)");
  }
}
