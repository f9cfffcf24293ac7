package io.fallow.stack;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import java.nio.ByteOrder;

/**
 * Tells superblocks whose magic number is short or lies where other formats keep data. A superblock
 * too short for its fields throws, and is none.
 */
final class SignatureChecks {

  /** The ext2/3/4 superblock lies at the same place as those of minix and others. */
  private static final int EXT_MAGIC = 0xEF53;

  private SignatureChecks() {}

  static boolean minix(Bytes sb) throws CorruptFormatException {
    boolean little =
        switch (sb.u16(0x10)) {
          case 0x137F, 0x138F, 0x2468, 0x2478 -> true;
          default -> sb.u16(0x18) == 0x4D5A;
        };
    Bytes view = little ? sb : bigEndian(sb);
    boolean third = view.u16(0x18) == 0x4D5A;
    long inodes = third ? view.u32(0x00) : view.u16(0x00);
    long zones = third || view.u16(0x10) >= 0x2468 ? view.u32(0x14) : view.u16(0x02);
    long imapBlocks = view.u16(third ? 0x06 : 0x04);
    long zmapBlocks = view.u16(third ? 0x08 : 0x06);
    long firstZone = view.u16(third ? 0x0A : 0x08);
    int logZoneSize = view.u16(third ? 0x0C : 0x0A);
    return logZoneSize == 0
        && inodes > 0
        && imapBlocks * 8192 >= inodes + 1
        && firstZone <= zones
        && zmapBlocks * 8192 >= zones - firstZone + 1
        && sb.u16(0x38) != EXT_MAGIC;
  }

  static boolean hfs(Bytes sb) throws CorruptFormatException {
    long allocationBlock = bigEndian(sb).u32(0x14);
    return allocationBlock > 0 && allocationBlock % 512 == 0 && !embedsHfsPlus(sb);
  }

  static boolean embedsHfsPlus(Bytes sb) throws CorruptFormatException {
    return sb.hasAscii(0x7C, "H+") || sb.hasAscii(0x7C, "HX");
  }

  static boolean hfsPlus(Bytes sb) throws CorruptFormatException {
    Bytes big = bigEndian(sb);
    long blockSize = big.u32(0x28);
    int version = big.u16(0x02);
    return (version == 4 || version == 5) && blockSize >= 512 && Long.bitCount(blockSize) == 1;
  }

  static boolean jfs(Bytes sb) throws CorruptFormatException {
    int logBlock = sb.u16(0x14);
    int logPhysical = sb.u16(0x1C);
    return logBlock <= 31
        && logPhysical <= 31
        && sb.u32(0x10) == 1L << logBlock
        && sb.u32(0x18) == 1L << logPhysical
        && logBlock - logPhysical == sb.u16(0x16);
  }

  static boolean nilfs2(Bytes sb) throws CorruptFormatException {
    int bytes = sb.u16(0x08);
    return sb.u32(0x00) == 2 && bytes >= 20 && bytes <= 1024 && sb.u32(0x14) <= 6;
  }

  static boolean lvm1(Bytes sb) throws CorruptFormatException {
    return sb.u16(0x02) == 1 || sb.u16(0x02) == 2;
  }

  static boolean fileVault2(Bytes sb) throws CorruptFormatException {
    return sb.u16(0x08) == 1 && sb.u16(0x0A) == 0x10 && sb.u32(0x5A) == 1;
  }

  static boolean xfsLog(Bytes sb) throws CorruptFormatException {
    Bytes big = bigEndian(sb);
    long version = big.u32(0x08);
    long length = big.u32(0x0C);
    long format = big.u32(0x12C);
    return version >= 1 && version <= 3 && length > 0 && format >= 1 && format <= 3;
  }

  static boolean luks(Bytes sb) throws CorruptFormatException {
    int version = bigEndian(sb).u16(0x06);
    return version == 1 || (version == 2 && isLuks2At(sb));
  }

  /** The second header of LUKS 2 names its own offset. */
  static boolean isLuks2At(Bytes sb) throws CorruptFormatException {
    Bytes big = bigEndian(sb);
    return big.u16(0x06) == 2 && big.bits64(0x100) == sb.origin();
  }

  /** bcachefs began with the magic of bcache, whose versions end at 6. */
  static boolean oldBcachefs(Bytes sb) throws CorruptFormatException {
    return Long.compareUnsigned(sb.bits64(0x10), 6) > 0;
  }

  static boolean bcache(Bytes sb) throws CorruptFormatException {
    return !oldBcachefs(sb);
  }

  static boolean squashfs4(Bytes sb) throws CorruptFormatException {
    return sb.u16(0x1C) >= 4;
  }

  static boolean squashfs3(Bytes sb) throws CorruptFormatException {
    return sb.u16(0x1C) < 4;
  }

  /** An nvlist in XDR that starts with the pool's version, as every vdev label does. */
  static boolean zfsLabel(Bytes nvlist) throws CorruptFormatException {
    return nvlist.u8(0x01) <= 1
        && nvlist.u16(0x02) == 0
        && bigEndian(nvlist).u32(0x04) == 0
        && nvlist.hasAscii(0x18, "version");
  }

  static boolean mdVersion1(Bytes sb) throws CorruptFormatException {
    return sb.u32(0x04) == 1 && sb.bits64(0x90) == sb.origin() / 512;
  }

  static boolean mdVersion0(Bytes sb) throws CorruptFormatException {
    Bytes view = sb.u32(0x00) == 0xA92B_4EFCL ? sb : bigEndian(sb);
    return view.u32(0x04) == 0;
  }

  static boolean adaptec(Bytes sb) throws CorruptFormatException {
    return sb.hasAscii(0x100, "DPTM");
  }

  static boolean jmicron(Bytes sb) throws CorruptFormatException {
    int sum = sum16(sb, 0x80);
    return (sum == 0 || sum == 1) && sb.u8(0x30) <= 5;
  }

  static boolean siliconImage(Bytes sb) throws CorruptFormatException {
    return sb.u8(0x116) < 8 && ((sum16(sb, 0x13E) + sb.u16(0x13E)) & 0xFFFF) == 0;
  }

  static boolean via(Bytes sb) throws CorruptFormatException {
    int sum = 0;
    for (int i = 0; i < 50; i++) {
      sum += sb.u8(i);
    }
    return sb.u8(2) <= 2 && (sum & 0xFF) == sb.u8(50);
  }

  private static int sum16(Bytes sb, int length) throws CorruptFormatException {
    int sum = 0;
    for (int at = 0; at < length; at += 2) {
      sum += sb.u16(at);
    }
    return sum & 0xFFFF;
  }

  private static Bytes bigEndian(Bytes sb) {
    return new Bytes(sb.memory(), ByteOrder.BIG_ENDIAN, sb.source(), sb.origin());
  }
}
