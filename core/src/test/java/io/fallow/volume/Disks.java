package io.fallow.volume;

import io.fallow.device.MemoryFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;

/** Small disks for tests, made by {@code make-fixtures.sh} or in memory, and changes to them. */
public final class Disks {

  /** The size of a sector on all disks here. */
  public static final int SECTOR = 512;

  private Disks() {}

  /** The content of a disk from {@code make-fixtures.sh}. */
  public static byte[] bytes(String name) {
    try (InputStream packed =
            Objects.requireNonNull(
                Disks.class.getResourceAsStream("/io/fallow/volume/" + name + ".img.gz"));
        InputStream unpacked = new GZIPInputStream(packed)) {
      return unpacked.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file with holes where all is zero. */
  public static MemoryFile sparse(byte[] content) {
    MemoryFile file = new MemoryFile("disk", content.length);
    for (int at = 0; at < content.length; at += MemoryFile.PAGE) {
      int length = Math.min(MemoryFile.PAGE, content.length - at);
      MemorySegment page = MemorySegment.ofArray(content).asSlice(at, length);
      if (page.mismatch(MemorySegment.ofArray(new byte[length])) >= 0) {
        file.write(at, page);
      }
    }
    return file;
  }

  /** The disk of a fixture. */
  public static MemoryFile disk(String name) {
    return sparse(bytes(name));
  }

  /** The content in little-endian order, for changes. */
  public static ByteBuffer edit(byte[] content) {
    return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Mends the checksums of the GPT header at {@code offset} and of its array. */
  public static void sealGpt(byte[] content, int offset, int sectorSize) {
    ByteBuffer disk = edit(content);
    long array = disk.getLong(offset + 0x48) * sectorSize;
    long length = Math.multiplyFull(disk.getInt(offset + 0x50), disk.getInt(offset + 0x54));
    if (array >= 0 && length >= 0 && length <= content.length && array <= content.length - length) {
      disk.putInt(offset + 0x58, crc(content, (int) array, (int) length));
    }
    disk.putInt(offset + 0x10, 0);
    int headerSize = Math.clamp(disk.getInt(offset + 0x0C), 0, sectorSize);
    disk.putInt(offset + 0x10, crc(content, offset, headerSize));
  }

  private static int crc(byte[] content, int offset, int length) {
    CRC32 crc = new CRC32();
    crc.update(content, offset, length);
    return (int) crc.getValue();
  }

  /** Writes a primary entry of an MBR, and its signature. */
  public static void mbrEntry(
      byte[] content, long recordAt, int index, int type, int start, int size) {
    ByteBuffer disk = edit(content);
    int at = (int) recordAt + 0x1BE + 16 * index;
    disk.put(at + 4, (byte) type).putInt(at + 8, start).putInt(at + 12, size);
    disk.putShort((int) recordAt + 0x1FE, (short) 0xAA55);
  }
}
