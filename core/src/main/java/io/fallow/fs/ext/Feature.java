package io.fallow.fs.ext;

import static io.fallow.fs.ext.Feature.Word.COMPAT;
import static io.fallow.fs.ext.Feature.Word.INCOMPAT;
import static io.fallow.fs.ext.Feature.Word.RO_COMPAT;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The feature flags of {@code s_feature_compat}, {@code _incompat} and {@code _ro_compat}. */
enum Feature {
  DIR_PREALLOC(COMPAT, 0x1),
  IMAGIC_INODES(COMPAT, 0x2),
  HAS_JOURNAL(COMPAT, 0x4),
  EXT_ATTR(COMPAT, 0x8),
  RESIZE_INODE(COMPAT, 0x10),
  DIR_INDEX(COMPAT, 0x20),
  LAZY_BG(COMPAT, 0x40),
  EXCLUDE_INODE(COMPAT, 0x80),
  EXCLUDE_BITMAP(COMPAT, 0x100),
  SPARSE_SUPER2(COMPAT, 0x200),
  FAST_COMMIT(COMPAT, 0x400),
  STABLE_INODES(COMPAT, 0x800),
  ORPHAN_FILE(COMPAT, 0x1000),

  COMPRESSION(INCOMPAT, 0x1),
  FILETYPE(INCOMPAT, 0x2),
  RECOVER(INCOMPAT, 0x4),
  JOURNAL_DEV(INCOMPAT, 0x8),
  META_BG(INCOMPAT, 0x10),
  EXTENTS(INCOMPAT, 0x40),
  BIT64(INCOMPAT, 0x80),
  MMP(INCOMPAT, 0x100),
  FLEX_BG(INCOMPAT, 0x200),
  EA_INODE(INCOMPAT, 0x400),
  DIRDATA(INCOMPAT, 0x1000),
  CSUM_SEED(INCOMPAT, 0x2000),
  LARGEDIR(INCOMPAT, 0x4000),
  INLINE_DATA(INCOMPAT, 0x8000),
  ENCRYPT(INCOMPAT, 0x10000),
  CASEFOLD(INCOMPAT, 0x20000),

  SPARSE_SUPER(RO_COMPAT, 0x1),
  LARGE_FILE(RO_COMPAT, 0x2),
  BTREE_DIR(RO_COMPAT, 0x4),
  HUGE_FILE(RO_COMPAT, 0x8),
  GDT_CSUM(RO_COMPAT, 0x10),
  DIR_NLINK(RO_COMPAT, 0x20),
  EXTRA_ISIZE(RO_COMPAT, 0x40),
  HAS_SNAPSHOT(RO_COMPAT, 0x80),
  QUOTA(RO_COMPAT, 0x100),
  BIGALLOC(RO_COMPAT, 0x200),
  METADATA_CSUM(RO_COMPAT, 0x400),
  REPLICA(RO_COMPAT, 0x800),
  READONLY(RO_COMPAT, 0x1000),
  PROJECT(RO_COMPAT, 0x2000),
  SHARED_BLOCKS(RO_COMPAT, 0x4000),
  VERITY(RO_COMPAT, 0x8000),
  ORPHAN_PRESENT(RO_COMPAT, 0x10000);

  /** The superblock's three words of flags. */
  enum Word {
    COMPAT,
    INCOMPAT,
    RO_COMPAT
  }

  /**
   * Known, but what they do to the block bitmap is not: snapshots and shared blocks break "a clear
   * bit is free", the others never reached the kernel or the tools that Fallow is compared with.
   */
  static final Set<Feature> NOT_HANDLED =
      EnumSet.of(
          LAZY_BG,
          EXCLUDE_INODE,
          EXCLUDE_BITMAP,
          COMPRESSION,
          DIRDATA,
          HAS_SNAPSHOT,
          REPLICA,
          SHARED_BLOCKS);

  /** Those that neither ext2 nor ext3 knows; with one of them it is an ext4. */
  private static final Set<Feature> KNOWN_TO_EXT3 =
      EnumSet.of(FILETYPE, RECOVER, META_BG, SPARSE_SUPER, LARGE_FILE, BTREE_DIR);

  private final Word word;
  private final int bit;

  Feature(Word word, int bit) {
    this.word = word;
    this.bit = bit;
  }

  /** The known features among the bits of the three words. */
  static EnumSet<Feature> of(int compat, int incompat, int roCompat) {
    EnumSet<Feature> found = EnumSet.noneOf(Feature.class);
    for (Feature feature : values()) {
      int bits = pick(feature.word, compat, incompat, roCompat);
      if ((bits & feature.bit) != 0) {
        found.add(feature);
      }
    }
    return found;
  }

  /** The names of what is not handled: known features and, as numbers, unknown bits. */
  static List<String> notHandled(int compat, int incompat, int roCompat) {
    List<String> names = new ArrayList<>();
    for (Word word : Word.values()) {
      int unknown = pick(word, compat, incompat, roCompat);
      for (Feature feature : values()) {
        if (feature.word == word) {
          if ((unknown & feature.bit) != 0 && NOT_HANDLED.contains(feature)) {
            names.add(word + "_" + feature);
          }
          unknown &= ~feature.bit;
        }
      }
      if (unknown != 0) {
        names.add("%s 0x%x".formatted(word, unknown));
      }
    }
    return names;
  }

  /** {@code ext2}, {@code ext3} or {@code ext4}, as blkid tells them apart. */
  static String filesystemType(Set<Feature> features) {
    for (Feature feature : features) {
      if (feature.word != Word.COMPAT && !KNOWN_TO_EXT3.contains(feature)) {
        return "ext4";
      }
    }
    return features.contains(HAS_JOURNAL) ? "ext3" : "ext2";
  }

  private static int pick(Word word, int compat, int incompat, int roCompat) {
    return switch (word) {
      case COMPAT -> compat;
      case INCOMPAT -> incompat;
      case RO_COMPAT -> roCompat;
    };
  }
}
