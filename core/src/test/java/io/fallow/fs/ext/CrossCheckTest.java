package io.fallow.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.format.FileSystem;
import io.fallow.format.Refusal;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Sound filesystems have nothing against them; one changed field of an inode or directory has. */
class CrossCheckTest {

  static final List<String> NAMES = Fixture.NAMES;

  private static final int REGULAR = 0x8000;
  private static final int SYMLINK = 0xA000;

  /** Block maps, no checksums, blocks of 1 KiB. */
  private final Fixture mapped = Fixture.of("ext2");

  private final int file = find(mapped, REGULAR, 12);
  private final int at = inode(mapped, file);

  /** Extents, no checksums of metadata, blocks of 1 KiB. */
  private final Fixture extents = Fixture.of("uninit");

  private final int extentFile = find(extents, REGULAR, 12);
  private final int extentAt = inode(extents, extentFile);

  @ParameterizedTest
  @FieldSource("NAMES")
  void nothingSpeaksAgainstSoundOnes(String name) throws IOException {
    assertThat(crossCheck(Fixture.of(name))).isEmpty();
  }

  @Test
  void blockThatIsFree() throws IOException {
    long free = Fixture.expectedFree("ext2").start(0) / 1024;
    mapped.u32(at + 0x28, (int) free);
    expect(
        "claims block %d or one of the 0 behind it, which the block bitmap calls free"
            .formatted(free));
  }

  @Test
  void blockOfMetadata() throws IOException {
    mapped.u32(at + 0x28, 1);
    expect("claims block 1 or one of the 0 behind it, which holds the filesystem's own metadata");
  }

  @Test
  void blockOfAnotherFile() throws IOException {
    int other = find(mapped, REGULAR, file + 1);
    int block = mapped.u32(at + 0x28);
    mapped.u32(inode(mapped, other) + 0x28, block);
    expect(other, "claims block %d, and so does another".formatted(block));
  }

  @Test
  void blockOutsideTheFilesystem() throws IOException {
    mapped.u32(at + 0x28, 2048);
    expect("claims 1 blocks from 2048 on, but the filesystem has 2048");
  }

  @Test
  void mode() throws IOException {
    mapped.u16(at, 0x9000);
    expect("i_mode is 0x9000, which is no kind");
  }

  @Test
  void deletionTime() throws IOException {
    mapped.u32(at + 0x14, 77);
    expect("i_dtime is 77, but it is in use");
  }

  @Test
  void blockCount() throws IOException {
    int blocks = mapped.u32(at + 0x1C);
    mapped.u32(at + 0x1C, blocks + 2);
    expect("i_blocks is %d, expected %d".formatted(blocks + 2, blocks));
  }

  @Test
  void linkCountTooHigh() throws IOException {
    mapped.u16(at + 0x1A, 2);
    expect("i_links_count is 1 more than directory entries point to it");
  }

  @Test
  void linkCountZero() throws IOException {
    mapped.u16(at + 0x1A, 0);
    expect("i_links_count is 0, but the inode bitmap calls it used");
  }

  @Test
  void flagWithoutItsFeature() throws IOException {
    mapped.u32(at + 0x20, 0x80000);
    expect("i_flags 0x80000 has EXTENTS, which cannot be here");
  }

  @Test
  void symlinkOfAnotherLength() throws IOException {
    int link = find(mapped, SYMLINK, 12);
    mapped.u32(inode(mapped, link) + 0x4, 9);
    expect(link, "i_size of the symbolic link is 9, but its target has 5 bytes");
  }

  @Test
  void sizeOfDirectory() throws IOException {
    mapped.u32(inode(mapped, 2) + 0x4, 2048);
    expect(2, "i_size of the directory is 2048, but it has 1 blocks");
  }

  @Test
  void directoryEntryOfUnusedInode() throws IOException {
    mapped.u32(root() + 24, 200);
    expect(2, "an entry names inode 200, which is not in use");
  }

  @Test
  void directoryEntryOfAnotherType() throws IOException {
    mapped.u8(root() + 24 + 7, 1);
    expect(2, "an entry has file_type 1, but inode 11 is of type 2");
  }

  @Test
  void directoryEntryLength() throws IOException {
    mapped.u16(root() + 24 + 4, 21);
    expectAt(
        root() + 24 + 4,
        2,
        "directory block: rec_len is 21, expected a multiple of 4 from 18 to 1000");
  }

  @Test
  void parentThatIsAnother() throws IOException {
    int lostAndFound = mapped.blockAt(inode(mapped, 11) + 0x28);
    mapped.u32(lostAndFound + 12, 11);
    // The counts of links still agree.
    mapped.u16(inode(mapped, 2) + 0x1A, mapped.u16(inode(mapped, 2) + 0x1A) - 1);
    mapped.u16(inode(mapped, 11) + 0x1A, mapped.u16(inode(mapped, 11) + 0x1A) + 1);
    expect(11, "'..' names inode 11, but the directory is in 2");
  }

  @Test
  void extentMagic() throws IOException {
    extents.u16(extentAt + 0x28, 0xF30B);
    expectTree(0, "eh_magic is 0xf30b, expected 0xf30a");
  }

  @Test
  void extentDepth() throws IOException {
    extents.u16(extentAt + 0x28 + 6, 6);
    expectTree(6, "eh_depth is 6, expected at most 5");
  }

  @Test
  void extentLength() throws IOException {
    extents.u16(extentAt + 0x28 + 16, 0);
    expectTree(16, "ee_len is 0");
  }

  @Test
  void extentCount() throws IOException {
    extents.u16(extentAt + 0x28 + 2, 5);
    expectTree(2, "eh_entries is 5, more than eh_max 4");
  }

  private int root() {
    return mapped.blockAt(inode(mapped, 2) + 0x28);
  }

  private void expect(String reason) throws IOException {
    expect(file, reason);
  }

  private void expect(int number, String reason) throws IOException {
    expectAt(inode(mapped, number), number, reason);
  }

  private void expectAt(int place, int number, String reason) throws IOException {
    assertThat(crossCheck(mapped)).contains(corrupt(place, number, reason));
  }

  private void expectTree(int field, String reason) throws IOException {
    assertThat(crossCheck(extents))
        .contains(corrupt(extentAt + 0x28 + field, extentFile, "extent tree: " + reason));
  }

  private static Refusal corrupt(int place, int number, String reason) {
    return new Refusal(
        Refusal.Kind.CORRUPT,
        "disk at 0x%x: inode %d: %s; run e2fsck -f".formatted(place, number, reason));
  }

  private static Optional<Refusal> crossCheck(Fixture fixture) throws IOException {
    return ((FileSystem) new ExtFormat().open(fixture.file())).crossCheck();
  }

  private static int inode(Fixture fixture, int number) {
    int size = fixture.u32(0x44C) == 0 ? 128 : fixture.u16(0x458);
    return fixture.blockAt(fixture.descriptor(0) + 8) + (number - 1) * size;
  }

  /** The first inode of a kind from {@code from} on that has content. */
  private static int find(Fixture fixture, int format, int from) {
    int number = from;
    while ((fixture.u16(inode(fixture, number)) & 0xF000) != format
        || fixture.u16(inode(fixture, number) + 0x1A) == 0
        || fixture.u32(inode(fixture, number) + 0x4) == 0) {
      number++;
    }
    return number;
  }
}
