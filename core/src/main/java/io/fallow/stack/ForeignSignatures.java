package io.fallow.stack;

import static io.fallow.stack.Signature.at;
import static io.fallow.stack.Signature.hex;
import static io.fallow.stack.Signature.sectorsFromEnd;

import io.fallow.bytes.Bytes;
import io.fallow.device.Device;
import io.fallow.extent.Extent;
import io.fallow.stack.Signature.Match;
import io.fallow.volume.BiosParameterBlock;
import io.fallow.volume.BootRecord;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The formats that Fallow knows by name only. A device that holds one is left alone, also when it
 * seems to hold another one that Fallow understands: which of the two is stale is not ours to say.
 *
 * <p>The places, and the names, are those that util-linux's libblkid looks for and gives.
 */
final class ForeignSignatures {

  private static final int KIB = 1024;

  private static final String MD = hex("fc4e2ba9");
  private static final String MD_BIG = hex("a92b4efc");

  private static final List<Signature> RAID =
      List.of(
          new Signature(
              "linux_raid_member",
              size -> size / 65536 * 65536 - 65536,
              0,
              MD,
              SignatureChecks::mdVersion0),
          new Signature(
              "linux_raid_member",
              size -> size / 65536 * 65536 - 65536,
              0,
              MD_BIG,
              SignatureChecks::mdVersion0),
          new Signature(
              "linux_raid_member",
              size -> size / 4096 * 4096 - 8192,
              0,
              MD,
              SignatureChecks::mdVersion1),
          at("linux_raid_member", 0, 0, MD, SignatureChecks::mdVersion1),
          at("linux_raid_member", 4096, 0, MD, SignatureChecks::mdVersion1),
          sectorsFromEnd("ddf_raid_member", 1, 0, "\u00DE\u0011\u00DE\u0011", any()),
          sectorsFromEnd("ddf_raid_member", 257, 0, "\u00DE\u0011\u00DE\u0011", any()),
          sectorsFromEnd("isw_raid_member", 2, 0, "Intel Raid ISM Cfg Sig. ", any()),
          sectorsFromEnd("isw_raid_member", 16, 0, "Intel Raid ISM Cfg Sig. ", any()),
          sectorsFromEnd("lsi_mega_raid_member", 1, 0, "$XIDE$", any()),
          sectorsFromEnd("via_raid_member", 1, 0, hex("55aa"), SignatureChecks::via),
          sectorsFromEnd(
              "silicon_medley_raid_member",
              1,
              0x60,
              hex("0000002f"),
              SignatureChecks::siliconImage),
          sectorsFromEnd("nvidia_raid_member", 2, 0, "NVIDIA  ", any()),
          sectorsFromEnd("hpt45x_raid_member", 11, 0, hex("f316785a"), any()),
          sectorsFromEnd("hpt45x_raid_member", 11, 0, hex("fd16785a"), any()),
          at("hpt37x_raid_member", 4608, 32, hex("f016785a")),
          at("hpt37x_raid_member", 4608, 32, hex("fd16785a")),
          sectorsFromEnd("adaptec_raid_member", 1, 0, hex("37fc4d1e"), SignatureChecks::adaptec),
          sectorsFromEnd("jmicron_raid_member", 1, 0, "JM", SignatureChecks::jmicron));

  private static final List<Signature> PROMISE =
      LongStream.of(63, 255, 256, 16, 399, 591, 675, 735, 911, 974, 991, 951, 3087)
          .mapToObj(sectors ->
              sectorsFromEnd(
                  "promise_fasttrack_raid_member", sectors, 0, "Promise Technology, Inc.", any()))
          .toList();

  private static final List<Signature> VOLUMES =
      List.of(
          at("bcache", 4096, 24, hex("c68573f64e1a45ca"), SignatureChecks::bcache),
          at("bcachefs", 4096, 24, hex("c68573f64e1a45ca"), SignatureChecks::oldBcachefs),
          at("bcachefs", 4096, 24, hex("c68573f666ce90a9")),
          at("ceph_bluestore", 0, "bluestore block device"),
          new Signature("drbd", size -> size - 4096, 60, hex("8374026b"), any()),
          new Signature("drbd", size -> size - 4096, 60, hex("8374026c"), any()),
          new Signature("drbd", size -> size - 4096, 60, hex("8374026d"), any()),
          at("drbdmanage_control_volume", 0, "$DRBDmgr=q"),
          at("drbdproxy_datalog", 0, "DRBDdlh*"),
          at("LVM2_member", 0, 0x018, "LVM2 001"),
          at("LVM2_member", 0, 0x218, "LVM2 001"),
          at("LVM2_member", 1024, 0x018, "LVM2 001"),
          at("LVM2_member", 1024, 0x218, "LVM2 001"),
          at("LVM1_member", 0, 0, "HM", SignatureChecks::lvm1),
          at("DM_snapshot_cow", 0, "SnAp"),
          at("DM_verity_hash", 0, "verity\0\0"),
          at("DM_integrity", 0, "integrt\0"),
          at("crypto_LUKS", 0, 0, "LUKS\u00BA\u00BE", SignatureChecks::luks),
          at("VMFS_volume_member", 1024 * KIB, "\r\u00D0\u0001\u00C0"),
          at("ubi", 0, "UBI#"),
          at("vdo", 0, "dmvdo001"),
          at("stratis", 512, 4, "!Stra0tis\u0086\u00FF\u0002^Arh"),
          at("stratis", 9 * 512, 4, "!Stra0tis\u0086\u00FF\u0002^Arh"),
          at("cs_fvault2", 0, 88, "CS", SignatureChecks::fileVault2));

  /** Where the second header of LUKS 2 lies, by the size of the first. */
  private static final List<Signature> LUKS2_SECOND =
      Stream.iterate(16L * KIB, offset -> offset <= 4096L * KIB, offset -> 2 * offset)
          .map(offset ->
              at("crypto_LUKS", offset, 0, "SKUL\u00BA\u00BE", SignatureChecks::isLuks2At))
          .toList();

  private static final List<Signature> FILE_SYSTEMS =
      List.of(
          at("xfs_external_log", 0, 0, "\u00FE\u00ED\u00BA\u00BE", SignatureChecks::xfsLog),
          at("exfs", 0, "EXFS"),
          at("reiserfs", 8 * KIB, 0x34, "ReIsErFs"),
          at("reiserfs", 64 * KIB, 0x34, "ReIsEr2Fs"),
          at("reiserfs", 64 * KIB, 0x34, "ReIsEr3Fs"),
          at("reiserfs", 64 * KIB, 0x34, "ReIsErFs"),
          at("reiserfs", 8 * KIB, 0x14, "ReIsErFs"),
          at("reiser4", 64 * KIB, "ReIsEr4"),
          at("jfs", 32 * KIB, 0, "JFS1", SignatureChecks::jfs),
          at("hfsplus", KIB, 0, "BD", SignatureChecks::embedsHfsPlus),
          at("hfsplus", KIB, 0, "H+", SignatureChecks::hfsPlus),
          at("hfsplus", KIB, 0, "HX", SignatureChecks::hfsPlus),
          at("hfs", KIB, 0, "BD", SignatureChecks::hfs),
          at("hpfs", 8 * KIB, hex("49e895f9")),
          at("xenix", KIB, 0x400, hex("2b5544")),
          at("xenix", KIB, 0x400, hex("44552b")),
          at("cramfs", 0, hex("453dcd28")),
          at("cramfs", 0, hex("28cd3d45")),
          at("romfs", 0, "-rom1fs-"),
          at("scoutfs", 64 * KIB, 4, hex("8b423c10")),
          at("gfs2", 64 * KIB, hex("01161970")),
          at("ocfs", 8 * KIB, "OracleCFS"),
          at("ocfs2", KIB, "OCFSV2"),
          at("ocfs2", 2 * KIB, "OCFSV2"),
          at("ocfs2", 4 * KIB, "OCFSV2"),
          at("ocfs2", 8 * KIB, "OCFSV2"),
          at("oracleasm", 0, 32, "ORCLDISK"),
          at("vxfs", KIB, "\u00F5\u00FC\u0001\u00A5"),
          at("vxfs", 8 * KIB, "\u00A5\u0001\u00FC\u00F5"),
          at("squashfs", 0, 0, "hsqs", SignatureChecks::squashfs4),
          at("squashfs3", 0, 0, "hsqs", SignatureChecks::squashfs3),
          at("squashfs3", 0, "sqsh"),
          at("nss", 4 * KIB, "SPB5"),
          at("btrfs", 64 * KIB, 0x40, "_BHRfS_M"),
          at("ubifs", 0, hex("31181006")),
          at("bfs", 0, "\u00CE\u00FA\u00AD\u001B"),
          at("VMFS", 2048 * KIB, hex("5ef1ab2f")),
          at("befs", 0, 0x20, "BFS1"),
          at("befs", 0, 0x20, "1SFB"),
          at("befs", 512, 0x20, "BFS1"),
          at("befs", 512, 0x20, "1SFB"),
          at("nilfs2", KIB, 6, hex("3434"), SignatureChecks::nilfs2),
          sectorsFromEnd("nilfs2", 8, 6, hex("3434"), SignatureChecks::nilfs2),
          at("f2fs", KIB, hex("1020f5f2")),
          at("f2fs", 5 * KIB, hex("1020f5f2")),
          at("mpool", 0, "mpoolDev"),
          at("apfs", 0, 32, "NXSB"),
          at("zonefs", 0, "SFOZ"),
          at("erofs", KIB, "\u00E2\u00E1\u00F5\u00E0"));

  /** Formats with several magic numbers at each of several places. */
  private static final List<Signature> COMBINED = combined();

  private static final List<Signature> ALL =
      Stream.of(RAID, PROMISE, VOLUMES, LUKS2_SECOND, FILE_SYSTEMS, COMBINED)
          .flatMap(List::stream)
          .toList();

  private ForeignSignatures() {}

  private static Signature.Check any() {
    return superblock -> true;
  }

  private static List<Signature> combined() {
    List<Signature> all = new ArrayList<>();
    for (String magic : List.of("BEA01", "BOOT2", "CDW02", "NSR02", "NSR03", "TEA01")) {
      all.add(at("udf", 32 * KIB, 1, magic));
    }
    // On a disc with both, UDF's descriptors follow those of ISO 9660.
    for (int at = 34 * KIB; at < 64 * KIB; at += 2 * KIB) {
      all.add(at("udf", at, 1, "NSR02"));
      all.add(at("udf", at, 1, "NSR03"));
    }
    all.add(at("iso9660", 32 * KIB, 1, "CD001"));
    all.add(at("iso9660", 32 * KIB, 9, "CDROM"));
    for (String magic :
        List.of(
            "\u007F\u0013",
            "\u008F\u0013",
            "\u0013\u007F",
            "\u0013\u008F",
            hex("6824"),
            hex("7824"),
            hex("2468"),
            hex("2478"))) {
      all.add(at("minix", KIB, 0x10, magic, SignatureChecks::minix));
    }
    all.add(at("minix", KIB, 0x18, hex("5a4d"), SignatureChecks::minix));
    all.add(at("minix", KIB, 0x18, hex("4d5a"), SignatureChecks::minix));
    for (int block : new int[] {0, 9, 15, 18}) {
      all.add(at("sysv", block * KIB + 512, 0x1F8, hex("207e18fd")));
      all.add(at("sysv", block * KIB + 512, 0x1F8, hex("fd187e20")));
    }
    for (int place : new int[] {0, 8, 64, 256}) {
      for (int magic :
          new int[] {0x00011954, 0x19540119, 0x00195612, 0x00095014, 0x00612195, 0x05231994}) {
        all.add(at("ufs", (long) place * KIB, 0x55C, hex("%08x".formatted(magic))));
        all.add(
            at(
                "ufs",
                (long) place * KIB,
                0x55C,
                hex("%08x".formatted(Integer.reverseBytes(magic)))));
      }
    }
    long label = 256L * KIB;
    for (int i = 0; i < 4; i++) {
      int index = i;
      all.add(
          new Signature(
              "zfs_member",
              size ->
                  16 * KIB
                      + (index < 2 ? index * label : size / label * label - (4 - index) * label),
              0,
              "\u0001",
              SignatureChecks::zfsLabel));
    }
    return all;
  }

  /**
   * All that is found on a device, in the order of the tables.
   *
   * @param children parts of the device that are looked at by themselves: nothing is read there
   */
  static List<Match> find(Device device, List<Extent> children) throws IOException {
    List<Match> found = new ArrayList<>();
    for (Signature signature : ALL) {
      Extent magic = signature.magicOn(device.size());
      if (magic != null && children.stream().noneMatch(child -> child.contains(magic))) {
        signature.find(device, magic).ifPresent(found::add);
      }
    }
    if (device.size() >= BootRecord.SIZE) {
      Bytes boot = device.bytes(0, BootRecord.SIZE, ByteOrder.LITTLE_ENDIAN);
      BiosParameterBlock.fileSystem(boot)
          .ifPresent(type -> found.add(new Match(type, new Extent(0, BootRecord.SIZE))));
    }
    return found;
  }
}
