package io.fallow.stack;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.extent.Extent;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What gives away one format: bytes at a place.
 *
 * @param type the format's name, as blkid spells it
 * @param place where its superblock lies
 * @param offset where in the superblock the bytes lie
 * @param magic the bytes, each a character from 0 to 255
 * @param check what else has to hold
 */
record Signature(String type, Place place, int offset, String magic, Check check) {

  /** As much of a superblock as any check looks at. */
  private static final int SUPERBLOCK = 1024;

  /** Where a superblock lies on a device of a certain size. */
  @FunctionalInterface
  interface Place {
    /** Its offset in bytes; one outside the device means that there is none. */
    long on(long size);
  }

  /** Tells a superblock from bytes that happen to look like one. */
  @FunctionalInterface
  interface Check {
    /**
     * Whether the superblock is one.
     *
     * @param superblock up to 1024 bytes of it in little-endian order, fewer at the device's end
     */
    boolean holds(Bytes superblock) throws IOException;
  }

  /**
   * A signature that was found.
   *
   * @param type the format's name
   * @param place the bytes that gave it away
   */
  record Match(String type, Extent place) {}

  /** A magic number given by its bytes in hexadecimal digits. */
  static String hex(String digits) {
    return new String(HexFormat.of().parseHex(digits), StandardCharsets.ISO_8859_1);
  }

  static Signature at(String type, long place, String magic) {
    return at(type, place, 0, magic, superblock -> true);
  }

  static Signature at(String type, long place, int offset, String magic) {
    return at(type, place, offset, magic, superblock -> true);
  }

  static Signature at(String type, long place, int offset, String magic, Check check) {
    return new Signature(type, size -> place, offset, magic, check);
  }

  /** A superblock that lies a number of sectors before the last whole one's end. */
  static Signature sectorsFromEnd(
      String type, long sectors, int offset, String magic, Check check) {
    return new Signature(type, size -> (size / 512 - sectors) * 512, offset, magic, check);
  }

  /** The bytes where the magic stands on a device of a certain size, or null if outside it. */
  @Nullable Extent magicOn(long size) {
    long start = place.on(size);
    return start < 0 || start + offset > size - magic.length()
        ? null
        : Extent.ofLength(start + offset, magic.length());
  }

  /** Looks for the magic at {@code at}, its place on the device, and at what else has to hold. */
  Optional<Match> find(Device device, Extent at) throws IOException {
    Bytes found = device.bytes(at.start(), magic.length(), ByteOrder.LITTLE_ENDIAN);
    byte[] expected = magic.getBytes(StandardCharsets.ISO_8859_1);
    if (!Arrays.equals(found.array(0, expected.length), expected)) {
      return Optional.empty();
    }
    long start = at.start() - offset;
    int length = (int) Math.min(SUPERBLOCK, device.size() - start);
    return holds(device.bytes(start, length, ByteOrder.LITTLE_ENDIAN))
        ? Optional.of(new Match(type, at))
        : Optional.empty();
  }

  private boolean holds(Bytes superblock) throws IOException {
    try {
      return check.holds(superblock);
    } catch (CorruptFormatException e) {
      return false; // It is cut off by the device's end.
    }
  }
}
