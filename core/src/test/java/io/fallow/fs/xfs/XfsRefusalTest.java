package io.fallow.fs.xfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.format.Refusal.Kind;
import io.fallow.format.Refused;
import io.fallow.fs.xfs.FreeSpaceBtree.Order;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One changed field each, with checksums made right again: what is found, and where. */
class XfsRefusalTest {

  private static Arguments field(String expected, Consumer<XfsImage> change) {
    return arguments(expected, change);
  }

  static Stream<Arguments> corruptSuperblocks() {
    return Stream.of(
        field("at 0x4: sb_blocksize 4095 with binary logarithm 12", i -> i.put32(0x04, 4095)),
        field("at 0x4: sb_blocksize 256 with", i -> i.put32(0x04, 256).put8(0x78, 8)),
        field("at 0x66: sb_sectsize 513", i -> i.put16(0x66, 513)),
        field("at 0x66: sb_sectsize 0 with", i -> i.put16(0x66, 0).put8(0x79, 16)),
        field("at 0x8: sb_dblocks 8193, but the device holds 8192", i -> i.put64(0x08, 8193)),
        field("at 0x8: sb_dblocks 1,", i -> i.put64(0x08, 1)),
        field("at 0x8: 64-bit number", i -> i.put64(0x08, -1)),
        field("at 0x54: sb_agblocks 63", i -> i.put32(0x54, 63)),
        field("at 0x54: sb_agblocks 4294967295", i -> i.put32(0x54, -1)),
        field("at 0x58: sb_agcount 3, expected 2", i -> i.put32(0x58, 3)),
        field("at 0x7c: sb_agblklog 13, expected 12", i -> i.put8(0x7C, 13)),
        field("at 0x7b: sb_inopblog 200", i -> i.put8(0x7B, 200)),
        field("at 0x38: sb_rootino 0x2000000 is beyond", i -> i.put64(0x38, 0x2000000)),
        field("at 0x60: sb_logblocks 0", i -> i.put32(0x60, 0)),
        field("at 0x60: sb_logblocks 4294967295", i -> i.put32(0x60, -1)),
        field("at 0x30: sb_logstart 0x3000:", i -> i.put64(0x30, 0x3000)),
        field("at 0x30: sb_logstart 0x1000:", i -> i.put64(0x30, 0x1000)),
        field("at 0x30: sb_logstart 0x1001:", i -> i.put64(0x30, 0x1001).put32(0x60, 4096)),
        field("at 0xc4: sb_logsunit 4097", i -> i.put32(0xC4, 4097)),
        field("at 0xc4: sb_logsunit 524288", i -> i.put32(0xC4, 524288)),
        field("at 0x90: sb_fdblocks 8193 of 8192", i -> i.put64(0x90, 8193)),
        field("at 0x90: sb_fdblocks ", i -> i.add32(0x94, 1)),
        field("at 0x1000000: this copy of the superblock", i -> i.put32(0x1000054, 64)),
        field("at 0x1000000: this copy of the superblock", i -> i.put64(0x1000020, 7)),
        field("at 0x1000000: sb_magicnum", i -> i.put32(0x1000000, 7)));
  }

  @ParameterizedTest
  @MethodSource("corruptSuperblocks")
  void refusesCorruptSuperblock(String expected, Consumer<XfsImage> change) {
    corrupt("v5", expected, change);
  }

  static Stream<Arguments> unsupportedFeatures() {
    return Stream.of(
        field("sb_versionnum 3", i -> i.put16(0x64, 0xB4A3)),
        field("SHARED", i -> i.put16(0x64, 0xB6A5)),
        field("version 1 directories", i -> i.put16(0x64, 0x94A5)),
        field("sb_features2 0x10", i -> i.put32(0xC8, 0x19A).put32(0xCC, 0x19A)),
        field("sb_features2 0x20", i -> i.put32(0xCC, 0x1AA)),
        field("sb_features_compat 0x1", i -> i.put32(0xD0, 1)),
        field("sb_features_ro_compat 0x10", i -> i.put32(0xD4, 0x1F)),
        field("sb_features_incompat 0x800", i -> i.put32(0xD8, 0x80B)),
        field("METADIR", i -> i.put32(0xD8, 0x10B)),
        field("ZONED", i -> i.put32(0xD8, 0x20B)),
        field("ZONED", i -> i.put32(0xD8, 0x40B)),
        field("sb_features_log_incompat 0x2", i -> i.put32(0xDC, 3)),
        field("external log", i -> i.put64(0x30, 0)),
        field("realtime device", i -> i.put64(0x10, 1)),
        field("METADIR, external log, realtime device", XfsRefusalTest::manyFeatures));
  }

  private static void manyFeatures(XfsImage image) {
    image.put32(0xD8, 0x10B).put64(0x30, 0).put64(0x10, 1);
  }

  @ParameterizedTest
  @MethodSource("unsupportedFeatures")
  void refusesUnsupportedFeature(String expected, Consumer<XfsImage> change) {
    XfsImage image = XfsImage.load("v5");
    change.accept(image);
    image.seal();
    assertThatThrownBy(image::open)
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessage("v5: uses what Fallow does not support: " + expected);
  }

  static Stream<Arguments> harmlessFeatures() {
    return Stream.of(
        field("NREXT64", i -> i.put32(0xD8, 0x2B)),
        field("EXCHRANGE and PARENT", i -> i.put32(0xD8, 0xCB)),
        field("XATTRS", i -> i.put32(0xDC, 1)));
  }

  @ParameterizedTest
  @MethodSource("harmlessFeatures")
  void acceptsHarmlessFeature(String name, Consumer<XfsImage> change) throws IOException {
    XfsImage image = XfsImage.load("v5");
    change.accept(image);
    assertThat(image.seal().openClean().free().total()).as(name).isEqualTo(20078592);
  }

  static Stream<Arguments> uncleanStates() {
    return Stream.of(
        field("sb_inprogress is set", i -> i.put8(0x7E, 1)),
        field("NEEDSREPAIR; run xfs_repair", i -> i.put32(0xD8, 0x1B)));
  }

  @ParameterizedTest
  @MethodSource("uncleanStates")
  void refusesUncleanState(String expected, Consumer<XfsImage> change) throws IOException {
    XfsImage image = XfsImage.load("v5");
    change.accept(image);
    assertThat(image.seal().open())
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.refusal().kind()).isEqualTo(Kind.UNCLEAN);
              assertThat(refused.refusal().reason()).contains(expected);
            });
  }

  /** The first group: AGF at 0x200, AGI at 0x400, AGFL at 0x600, roots at 0x1000 and 0x2000. */
  static Stream<Arguments> corruptHeaders() {
    return Stream.of(
        field("at 0x200: agf_magicnum 0x58414749", i -> i.put32(0x200, 0x58414749)),
        field("at 0x204: agf_versionnum 2", i -> i.put32(0x204, 2)),
        field("at 0x208: agf_seqno 1, expected 0", i -> i.put32(0x208, 1)),
        field("at 0x20c: agf_length 4095, expected 4096", i -> i.put32(0x20C, 4095)),
        field("block 0x0 of BNOBT lies outside its group", i -> i.put32(0x210, 0)),
        field("at 0x210: block 0x1000 of BNOBT lies outside", i -> i.put32(0x210, 4096)),
        field("at 0x214: block 0xffffffff of CNTBT lies", i -> i.put32(0x214, -1)),
        field("at 0x21c: agf_bno_level 0", i -> i.put32(0x21C, 0)),
        field("at 0x21c: agf_bno_level 9", i -> i.put32(0x21C, 9)),
        field("at 0x220: agf_cnt_level 9", i -> i.put32(0x220, 9)),
        field("at 0x1004: bb_level 0, expected 1", i -> i.put32(0x21C, 2)),
        field("agf_flfirst 119, agf_fllast", i -> i.put32(0x228, 119)),
        field("agf_fllast 119", i -> i.put32(0x22C, 119)),
        field("agf_flcount 120", i -> i.put32(0x230, 120)),
        field("agf_flcount 7, but agf_flfirst", i -> i.put32(0x230, 7)),
        field("sb_fdblocks 4914, but the allocation groups count 4908", i -> i.put32(0x230, 0)),
        field("at 0x234: agf_freeblks 4024, but bnobt has 4025", i -> i.put32(0x234, 4024)),
        field("at 0x234: agf_freeblks 4097 of 4096", i -> i.put32(0x234, 4097)),
        field("at 0x238: agf_longest 4021, but bnobt's", i -> i.put32(0x238, 4021)),
        field("at 0x238: agf_longest 4026 of 4025", i -> i.put32(0x238, 4026)),
        field("at 0x23c: agf_btreeblks 1, but", i -> i.put32(0x23C, 1)),
        field("at 0x240: agf_uuid is another", i -> i.put32(0x240, 1)),
        field("holds rmapbt", i -> i.put32(0x218, 1000)),
        field("that hold refcountbt", i -> i.put32(0x258, 1000)),
        field("at 0x400: agi_magicnum", i -> i.put32(0x400, 0)),
        field("at 0x404: agi_versionnum 0", i -> i.put32(0x404, 0)),
        field("at 0x408: agi_seqno 7", i -> i.put32(0x408, 7)),
        field("at 0x40c: agi_length 7", i -> i.put32(0x40C, 7)),
        field("that hold inobt, 1 from 0x3e8", i -> i.put32(0x414, 1000)),
        field("that hold finobt, 1 from 0x3e8", i -> i.put32(0x548, 1000)),
        field("at 0x528: agi_uuid is another", i -> i.put32(0x528, 1)),
        field("at 0x600: agfl_magicnum", i -> i.put32(0x600, 0)),
        field("at 0x604: agfl_seqno 9", i -> i.put32(0x604, 9)),
        field("at 0x608: agfl_uuid is another", i -> i.put32(0x608, 1)),
        field("that hold AGFL, 1 from 0x3e8", i -> freeListEntry(i, 1000)),
        field("agfl_bno 0x0 lies outside", i -> freeListEntry(i, 0)),
        field("agfl_bno 0x1000 lies outside", i -> freeListEntry(i, 4096)),
        field("that hold the root directory's inode, 1 from 0x3e8", i -> i.put64(0x38, 1000 << 3)));
  }

  private static void freeListEntry(XfsImage image, long block) {
    image.put32(0x624 + 4 * image.u32(0x228), block);
  }

  @ParameterizedTest
  @MethodSource("corruptHeaders")
  void refusesCorruptHeader(String expected, Consumer<XfsImage> change) {
    corrupt("v5", expected.replace("holds ", "that hold "), change);
  }

  /** The roots of the first group, which are its only blocks. Records start at 0x38. */
  static Stream<Arguments> corruptBtrees() {
    return Stream.of(
        field("at 0x1000: bb_magic 0x41423343 of BNOBT", i -> i.put32(0x1000, 0x41423343)),
        field("at 0x2000: bb_magic 0x41423342 of CNTBT", i -> i.put32(0x2000, 0x41423342)),
        field("at 0x1004: bb_level 1, expected 0", i -> i.put16(0x1004, 1)),
        field("at 0x1006: bb_numrecs 506 of at most 505", i -> i.put16(0x1006, 506)),
        field("at 0x1008: bb_leftsib 0x2, expected 0xffffffff", i -> i.put32(0x1008, 2)),
        field("at 0x100c: bb_rightsib 0x2, expected 0xffffffff", i -> i.put32(0x100C, 2)),
        field("at 0x1010: bb_blkno 0x9, expected 0x8", i -> i.put64(0x1010, 9)),
        field("at 0x1020: bb_uuid is another", i -> i.put32(0x1020, 1)),
        field("at 0x1030: bb_owner 1, expected 0", i -> i.put32(0x1030, 1)),
        field("ar_blockcount 0 at ar_startblock 13 lies", i -> i.put32(0x103C, 0)),
        field("ar_blockcount 3 at ar_startblock 0 lies", i -> i.put32(0x1038, 0)),
        field("ar_blockcount 4023 at ar_startblock 74 lies", i -> i.add32(0x1044, 1)),
        field("at 0x1040: entry", i -> i.put32(0x1040, 13)),
        field("at 0x1040: entry", i -> i.put32(0x103C, 62)),
        field("at 0x2040: entry", i -> i.put64(0x2038, i.u64(0x2040))),
        field("at 0x214: bnobt and cntbt differ from extent 0", i -> i.put32(0x203C, 2)),
        field("at 0x214: bnobt and cntbt differ from extent 1", i -> i.put16(0x2006, 1)),
        field("bnobt and cntbt differ", i -> i.put16(0x1006, 0)));
  }

  @ParameterizedTest
  @MethodSource("corruptBtrees")
  void refusesCorruptBtree(String expected, Consumer<XfsImage> change) {
    corrupt("v5", expected, change);
  }

  /** Where version 4 has no checksums, the fields alone must do. */
  @Test
  void refusesCorruptVersion4() {
    corrupt("v4", "agf_seqno 5", i -> i.put32(i.agf(1) + 0x08, 5));
    corrupt("v4", "bb_magic", i -> i.put32(i.root(0, Order.BNOBT), Xfs.ABTB_CRC_MAGIC));
    corrupt("v4", "sb_crc", i -> i.put32(0xE0, 5));
    corrupt("v4", "agf_freeblks", i -> i.add32(i.agf(0) + 0x34, 1));
    corrupt("v4", "that hold AGFL", i -> i.put32(i.agfl(0) + 4 * i.u32(i.agf(0) + 0x28), 1000));
  }

  static Stream<Arguments> corruptNodes() {
    return Stream.of(
        field("bb_leftsib", i -> i.put32(1024 * i.u32(pointer(i, 1)) + 0x08, 7)),
        field("bb_rightsib", i -> i.put32(pointer(i, 1), i.u32(pointer(i, 0)))),
        field("bb_rightsib", i -> i.put32(pointer(i, 1), i.u32(pointer(i, 2)))),
        field("bb_level 1, expected 0", i -> i.put32(pointer(i, 0), i.u32(i.agf(0) + 0x10))),
        field("bb_magic", i -> i.put32(pointer(i, 0), i.u32(i.agf(0) + 0x14))),
        field("lies outside its group", i -> i.put32(pointer(i, 2), 16384)),
        field("lies outside its group", i -> i.put32(pointer(i, 2), 1)),
        field("but its parent's key is", i -> i.add32(i.rootRecord(0, Order.BNOBT, 1), 1)),
        field("does not follow", i -> i.put64(i.rootRecord(0, Order.BNOBT, 1), 0)),
        field("bb_numrecs 0", i -> i.put16(i.root(0, Order.BNOBT) + 6, 0)),
        field("bb_rightsib", i -> i.put16(i.root(0, Order.CNTBT) + 6, 2)));
  }

  /** The pointer {@code index} of the root, which follow the room for 80 keys. */
  private static long pointer(XfsImage image, int index) {
    return image.rootRecord(0, Order.BNOBT, 80) + 4L * index;
  }

  @ParameterizedTest
  @MethodSource("corruptNodes")
  void refusesCorruptNode(String expected, Consumer<XfsImage> change) {
    corrupt("v5-deep", expected, change);
  }

  @Test
  void refusesEveryWrongChecksum() {
    for (long at : new long[] {0x1A0, 0x3A0, 0x5A0, 0x7A0, 0x1800, 0x2800, 0x10001A0}) {
      XfsImage image = XfsImage.load("v5").put8(at, 0x55);
      assertThatThrownBy(image::open)
          .as("0x%x", at)
          .isInstanceOf(CorruptFormatException.class)
          .hasMessageMatching("v5 at 0x[0-9a-f]+: (sb|agf|agi|agfl|bb)_crc 0x.*, expected 0x.*");
    }
  }

  /** Both trees and all counts agree that a block of the log is free: the log itself objects. */
  @Test
  void refusesFreeExtentOverTheLog() {
    XfsImage image = XfsImage.load("v5");
    long before = 29560832 / 4096 - 4096;
    long gap = 30064640 / 4096 - 4096 - before;
    long logEnd = image.sb().logAgbno() + image.sb().logBlocks();
    long first = 29458432 / 4096 - 4096;
    long grown = first - logEnd + 1;
    assertThat(gap).isPositive();
    growDown(image, Order.BNOBT, first, grown);
    growDown(image, Order.CNTBT, first, grown);
    image.add32(image.agf(1) + 0x34, grown).add32(0x94, grown).seal();
    assertThatThrownBy(image::open)
        .isInstanceOf(CorruptFormatException.class)
        .hasMessageContaining("bnobt calls blocks free that hold ");
  }

  private static void growDown(XfsImage image, Order order, long start, long by) {
    int index = 0;
    while (image.u32(image.rootRecord(1, order, index)) != start) {
      index++;
    }
    long record = image.rootRecord(1, order, index);
    image.put32(record, start - by).add32(record + 4, by);
  }

  @Test
  void refusesTruncatedDevice() {
    XfsImage image = XfsImage.load("v5");
    image.file().resize(image.file().size() - 1);
    assertThatThrownBy(image::open)
        .isInstanceOf(CorruptFormatException.class)
        .hasMessageContaining("sb_dblocks 8192, but the device holds 8191 blocks of 4096 bytes");
  }

  private static void corrupt(String name, String expected, Consumer<XfsImage> change) {
    XfsImage image = XfsImage.load(name);
    change.accept(image);
    image.seal();
    assertThatThrownBy(image::open)
        .isInstanceOf(CorruptFormatException.class)
        .hasMessageStartingWith(name + " at 0x")
        .hasMessageContaining(expected);
  }
}
