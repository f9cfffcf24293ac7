package io.fallow.fs.ext;

import io.fallow.bytes.Crc32c;
import io.fallow.device.MemoryFile;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/** A small filesystem that {@code make-fixtures.sh} made, which a test may change. */
final class Fixture {

  /** All of them. */
  static final List<String> NAMES =
      List.of(
          "ext2",
          "revision0",
          "groups",
          "ext3",
          "ext4",
          "uninit",
          "bigalloc",
          "metabg",
          "sparse2",
          "mmp",
          "block64k");

  private static final int SUPERBLOCK = 0x400;

  private final ByteBuffer bytes;

  private Fixture(byte[] bytes) {
    this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static Fixture of(String name) {
    try (InputStream file = open(name + ".img.gz");
        InputStream image = new GZIPInputStream(file)) {
      return new Fixture(image.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What dumpe2fs listed as free. */
  static ExtentSet expectedFree(String name) {
    try (InputStream file = open(name + ".free")) {
      ExtentSet.Builder builder = ExtentSet.builder();
      for (String line :
          new String(file.readAllBytes(), StandardCharsets.US_ASCII).lines().toList()) {
        String[] bounds = line.split(" ");
        builder.add(Long.parseLong(bounds[0]), Long.parseLong(bounds[1]));
      }
      return builder.build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String name) {
    return Objects.requireNonNull(Fixture.class.getResourceAsStream(name), name);
  }

  MemoryFile file() {
    return MemoryFile.of("disk", bytes.array().clone());
  }

  int size() {
    return bytes.capacity();
  }

  int u8(int at) {
    return bytes.get(at) & 0xFF;
  }

  int u16(int at) {
    return bytes.getShort(at) & 0xFFFF;
  }

  int u32(int at) {
    return bytes.getInt(at);
  }

  Fixture u8(int at, int value) {
    bytes.put(at, (byte) value);
    return this;
  }

  Fixture u16(int at, int value) {
    bytes.putShort(at, (short) value);
    return this;
  }

  Fixture u32(int at, int value) {
    bytes.putInt(at, value);
    return this;
  }

  Fixture u32be(int at, int value) {
    bytes.putInt(at, Integer.reverseBytes(value));
    return this;
  }

  /** A 16-bit field of the superblock. */
  Fixture super16(int at, int value) {
    return u16(SUPERBLOCK + at, value).sign();
  }

  /** A 32-bit field of the superblock. */
  Fixture super32(int at, int value) {
    return u32(SUPERBLOCK + at, value).sign();
  }

  /** Sets bits of a 32-bit field of the superblock. */
  Fixture superBits(int at, int bits) {
    return super32(at, u32(SUPERBLOCK + at) | bits);
  }

  /** Clears bits of a 32-bit field of the superblock. */
  Fixture superClear(int at, int bits) {
    return super32(at, u32(SUPERBLOCK + at) & ~bits);
  }

  int blockSize() {
    return 1024 << u32(SUPERBLOCK + 0x18);
  }

  /** Where the descriptor of a group lies, if all descriptors follow the superblock. */
  int descriptor(int group) {
    boolean wide = (u32(SUPERBLOCK + 0x60) & 0x80) != 0;
    int size = wide ? u16(SUPERBLOCK + 0xFE) : 32;
    return Math.max(2 * 1024, blockSize()) + group * size;
  }

  /** The first byte of the block whose number lies at {@code at}. */
  int blockAt(int at) {
    return u32(at) * blockSize();
  }

  /** Makes the superblock's checksum right, which matters with METADATA_CSUM only. */
  Fixture sign() {
    MemorySegment covered = MemorySegment.ofArray(bytes.array()).asSlice(SUPERBLOCK, 0x3FC);
    return u32(SUPERBLOCK + 0x3FC, Crc32c.of(Crc32c.START, covered));
  }
}
