package io.fallow.image.qcow2;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The header extensions (specification: "Header extensions"): records of type, length and data
 * between the header and the backing file's name.
 *
 * @param backingFormat the declared format of the backing file, or null
 * @param featureNames incompatible features by bit, from the feature name table
 * @param bitmaps whether the bitmaps extension is there
 * @param encryption whether the encryption header pointer is there
 * @param dataFile whether an external data file is named
 * @param unknown whether there is one of a type not in the specification
 */
record HeaderExtensions(
    @Nullable String backingFormat,
    Map<Integer, String> featureNames,
    boolean bitmaps,
    boolean encryption,
    boolean dataFile,
    boolean unknown) {

  /** Most images need no more than this; longer areas are read again in full. */
  private static final int FIRST_READ = 4096;

  private static final int FEATURE_NAME_LENGTH = 48;

  /**
   * Reads the extensions in {@code [start, end)}.
   *
   * @param end the end of the area, at most one cluster into the file
   */
  static HeaderExtensions read(Device file, int start, int end) throws IOException {
    int limit = (int) Math.min(end, file.size());
    Bytes area = file.bytes(0, Math.min(limit, FIRST_READ), ByteOrder.BIG_ENDIAN);
    String backingFormat = null;
    Map<Integer, String> names = new HashMap<>();
    boolean bitmaps = false;
    boolean encryption = false;
    boolean dataFile = false;
    boolean unknown = false;
    for (long at = start; at + 8 <= limit; ) {
      if (at + 8 > area.size()) {
        area = file.bytes(0, limit, ByteOrder.BIG_ENDIAN);
      }
      int type = area.bits32(at); // 0x00 Header extension type
      long length = area.u32(at + 4); // 0x04 Length of the header extension data
      if (type == Qcow2.EXTENSION_END) {
        break;
      }
      area.check(
          length <= limit - at - 8,
          at + 4,
          "header extension 0x%08x is too long: %d",
          type,
          length);
      if (at + 8 + length > area.size()) {
        area = file.bytes(0, limit, ByteOrder.BIG_ENDIAN);
      }
      Bytes data = area.slice(at + 8, length);
      switch (type) {
        case Qcow2.EXTENSION_BACKING_FORMAT -> backingFormat = data.text(0, (int) length);
        case Qcow2.EXTENSION_FEATURE_NAMES -> readFeatureNames(data, names);
        case Qcow2.EXTENSION_BITMAPS -> bitmaps = true;
        case Qcow2.EXTENSION_ENCRYPTION -> encryption = true;
        case Qcow2.EXTENSION_DATA_FILE -> dataFile = true;
        default -> unknown = true;
      }
      at += 8 + Math.ceilDiv(length, 8L) * 8;
    }
    return new HeaderExtensions(
        backingFormat, Map.copyOf(names), bitmaps, encryption, dataFile, unknown);
  }

  /** Takes the names of incompatible features, which are all that a message can need. */
  private static void readFeatureNames(Bytes table, Map<Integer, String> names)
      throws CorruptFormatException {
    long count = table.size() / FEATURE_NAME_LENGTH;
    for (long i = 0; i < count; i++) {
      Bytes entry = table.slice(i * FEATURE_NAME_LENGTH, FEATURE_NAME_LENGTH);
      int type = entry.u8(0x00); // Type of feature
      int bit = entry.u8(0x01); // Bit number
      String name = entry.text(0x02, 46); // Feature name
      if (type == 0 && bit < 64 && !name.isBlank()) {
        names.putIfAbsent(bit, name);
      }
    }
  }
}
