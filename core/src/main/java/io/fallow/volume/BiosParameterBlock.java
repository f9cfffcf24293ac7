package io.fallow.volume;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import java.util.Optional;
import java.util.UUID;

/**
 * The head of a boot sector that belongs to a filesystem. It carries the same signature as a
 * partition table does, and boot code where the table would have its entries.
 */
public final class BiosParameterBlock {

  private static final int MAXIMUM_FAT32_CLUSTERS = 0x0FFF_FFF6;

  /**
   * What tells BitLocker To Go from the FAT whose boot sector it bears: the GUID
   * 4967D63B-2E29-4AD8-8399-F6A339E3D001, as its bytes lie on disk.
   */
  private static final UUID BITLOCKER_TO_GO =
      UUID.fromString("3bd66749-292e-d84a-8399-f6a339e3d001");

  private BiosParameterBlock() {}

  /**
   * The filesystem whose boot sector this is.
   *
   * @param boot at least the first 512 bytes of a device, in little-endian order
   * @return its name as users call it; empty if it is none
   */
  public static Optional<String> fileSystem(Bytes boot) throws CorruptFormatException {
    if (boot.hasAscii(0x3, "NTFS    ") && boot.u8(0x10) == 0 && isSectorSize(boot.u16(0xB))) {
      return Optional.of("ntfs");
    }
    if (boot.hasAscii(0x3, "EXFAT   ")) {
      return Optional.of("exfat");
    }
    if (boot.hasAscii(0x3, "-FVE-FS-")
        || (boot.hasAscii(0x3, "MSWIN4.1") && boot.uuid(0x1A8).equals(BITLOCKER_TO_GO))) {
      return Optional.of("BitLocker");
    }
    if (boot.hasAscii(0x0, "\0\0\0ReFS\0")) {
      return Optional.of("ReFS");
    }
    return isFat(boot) ? Optional.of("vfat") : Optional.empty();
  }

  private static boolean isFat(Bytes boot) throws CorruptFormatException {
    int bytesPerSector = boot.u16(0xB);
    int sectorsPerCluster = boot.u8(0xD);
    int reservedSectors = boot.u16(0xE);
    int fats = boot.u8(0x10);
    int rootEntries = boot.u16(0x11);
    int sectors16 = boot.u16(0x13);
    int media = boot.u8(0x15);
    int fatLength16 = boot.u16(0x16);
    long sectors = sectors16 == 0 ? boot.u32(0x20) : sectors16;
    long fatLength = fatLength16 == 0 ? boot.u32(0x24) : fatLength16;
    boolean named =
        boot.hasAscii(0x52, "MSWIN")
            || boot.hasAscii(0x52, "FAT32   ")
            || boot.hasAscii(0x36, "MSDOS")
            || boot.hasAscii(0x36, "FAT16   ")
            || boot.hasAscii(0x36, "FAT12   ")
            || boot.hasAscii(0x36, "FAT     ");
    boolean otherOwner = boot.hasAscii(0x36, "JFS     ") || boot.hasAscii(0x36, "HPFS    ");
    if (!named && (otherOwner || !BootRecord.isSigned(boot))) {
      return false;
    }
    if (fats == 0
        || reservedSectors == 0
        || !(media == 0xF0 || media >= 0xF8)
        || Integer.bitCount(sectorsPerCluster) != 1
        || !isSectorSize(bytesPerSector)) {
      return false;
    }
    long rootSectors = Math.ceilDiv(rootEntries * 32L, bytesPerSector);
    long clusters =
        (sectors - reservedSectors - fatLength * fats - rootSectors) / sectorsPerCluster;
    return clusters <= MAXIMUM_FAT32_CLUSTERS;
  }

  private static boolean isSectorSize(int bytes) {
    return Integer.bitCount(bytes) == 1 && bytes >= 512 && bytes <= 4096;
  }
}
