package io.fallow.volume;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The boot record of a disk or of an extended partition: code, four partition entries, a signature.
 *
 * @param entries always four
 */
public record BootRecord(List<MbrEntry> entries) {

  /** The size in bytes, whatever the size of the sector that it starts. */
  public static final int SIZE = 512;

  /** Where the entries start. */
  public static final int PARTITION_RECORD = 0x1BE;

  private static final int SIGNATURE = 0xAA55;

  /** The 512 bytes at {@code offset}. */
  public static Bytes bytes(Device device, long offset) throws IOException {
    return device.bytes(offset, SIZE, ByteOrder.LITTLE_ENDIAN);
  }

  /** Whether the signature 55 AA is in its place. */
  public static boolean isSigned(Bytes boot) throws CorruptFormatException {
    return boot.u16(0x1FE) == SIGNATURE;
  }

  /** Decodes the entries, and checks nothing. */
  public static BootRecord read(Bytes boot) throws CorruptFormatException {
    List<MbrEntry> entries = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      entries.add(MbrEntry.read(boot, PARTITION_RECORD + (long) i * MbrEntry.SIZE));
    }
    return new BootRecord(List.copyOf(entries));
  }

  /** Whether an entry says that the disk is partitioned by a GPT. */
  public boolean isProtective() {
    return entries.stream().anyMatch(entry -> entry.osType() == MbrEntry.GPT_PROTECTIVE);
  }
}
