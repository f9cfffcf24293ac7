package io.fallow.cli.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Files that are no raw disk and no qcow2 image, told by the marks at their start or end. */
enum ForeignFormat {
  VMDK_SPARSE("VMDK", 0, "KDMV"),
  VMDK_COWD("VMDK", 0, "COWD"),
  VMDK_TEXT("VMDK", 0, "# Disk DescriptorFile"),
  VHDX("VHDX", 0, "vhdxfile"),
  VHD_DYNAMIC("VHD", 0, "conectix"),
  VDI("VDI", 0x40, "\u007f\u0010\u00da\u00be"),
  QED("QED", 0, "QED\0"),
  QCOW1("qcow version 1", 0, "QFI\u00fb\0\0\0\u0001"),
  PARALLELS("Parallels", 0, "WithoutFreeSpace"),
  PARALLELS_EXT("Parallels", 0, "WithouFreSpacExt"),
  BOCHS("Bochs", 0, "Bochs Virtual HD Image"),
  LUKS("LUKS", 0, "LUKS\u00ba\u00be"),
  GZIP("gzip-compressed", 0, "\u001f\u008b\u0008"),
  XZ("xz-compressed", 0, "\u00fd7zXZ\0"),
  ZSTD("zstd-compressed", 0, "(\u00b5/\u00fd");

  private static final byte[] VHD_FOOTER = "conectix".getBytes(StandardCharsets.ISO_8859_1);

  private final String title;
  private final int offset;
  private final String mark;

  ForeignFormat(String title, int offset, String mark) {
    this.title = title;
    this.offset = offset;
    this.mark = mark;
  }

  /**
   * The name of the format that a file has.
   *
   * @param start its first bytes
   * @param end its last 512 bytes, where a VHD of fixed size has its footer
   */
  static Optional<String> find(MemorySegment start, MemorySegment end) {
    for (ForeignFormat format : values()) {
      if (has(start, format.offset, format.mark.getBytes(StandardCharsets.ISO_8859_1))) {
        return Optional.of(format.title);
      }
    }
    return has(end, 0, VHD_FOOTER) ? Optional.of("VHD") : Optional.empty();
  }

  static boolean has(MemorySegment bytes, long offset, byte[] mark) {
    if (offset + mark.length > bytes.byteSize()) {
      return false;
    }
    for (int i = 0; i < mark.length; i++) {
      if (bytes.get(ValueLayout.JAVA_BYTE, offset + i) != mark[i]) {
        return false;
      }
    }
    return true;
  }
}
