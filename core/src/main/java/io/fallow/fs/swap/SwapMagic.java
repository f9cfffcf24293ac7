package io.fallow.fs.swap;

import io.fallow.bytes.Bytes;
import io.fallow.device.Device;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The signature in the last ten bytes of a swap area's first page. Its place tells the page's size.
 *
 * @param pageSize in bytes
 * @param text the signature, as found
 */
record SwapMagic(int pageSize, String text) {

  /** The size of the signature in bytes. */
  static final int LENGTH = 10;

  static final String VERSION_0 = "SWAP-SPACE";
  static final String VERSION_1 = "SWAPSPACE2";

  private static final int SMALLEST_PAGE = 4 << 10;
  private static final int LARGEST_PAGE = 64 << 10;

  /** All but the first two stand there while a guest is suspended to disk. */
  private static final List<String> SIGNATURES =
      List.of(VERSION_0, VERSION_1, "S1SUSPEND", "S2SUSPEND", "ULSUSPEND", "LINHIB0001");

  /** What TuxOnIce writes at the very start of the area. */
  private static final long TUX_ON_ICE = 0x0CE5_5698_E902_C3EDL;

  /** All signatures that a device holds, one for each size of page at most. */
  static List<SwapMagic> find(Device device) throws IOException {
    List<SwapMagic> found = new ArrayList<>();
    for (int size = SMALLEST_PAGE; size <= LARGEST_PAGE && size <= device.size(); size *= 2) {
      Bytes magic = device.bytes(size - LENGTH, LENGTH, ByteOrder.LITTLE_ENDIAN);
      for (String text : SIGNATURES) {
        if (magic.hasAscii(0, text)) {
          found.add(new SwapMagic(size, text));
        }
      }
    }
    if (device.size() >= SMALLEST_PAGE
        && device.bytes(0, 8, ByteOrder.LITTLE_ENDIAN).bits64(0) == TUX_ON_ICE) {
      found.add(new SwapMagic(SMALLEST_PAGE, "TuxOnIce"));
    }
    return found;
  }

  /** Whether a guest is suspended onto the area. */
  boolean isSuspended() {
    return !text.equals(VERSION_0) && !text.equals(VERSION_1);
  }

  /** Where the signature lies, in bytes. */
  long offset() {
    return text.equals("TuxOnIce") ? 0 : pageSize - LENGTH;
  }

  /** The order in which the area's version, always 1, is written. */
  ByteOrder order(Device device) throws IOException {
    Bytes version = device.bytes(0x400, 4, ByteOrder.BIG_ENDIAN);
    return version.u32(0) == 1 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }
}
