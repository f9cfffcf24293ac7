package io.fallow.volume;

import io.fallow.device.Device;
import java.io.IOException;
import java.nio.ByteOrder;

/** Where a GPT header can lie, and whether one is there. Both kinds of table have to know. */
public final class GptSignature {

  /** The first eight bytes of a GPT header. */
  public static final String TEXT = "EFI PART";

  private GptSignature() {}

  /** Whether a sector of a device starts with the signature. */
  public static boolean isAt(Device device, long lba, int sectorSize) throws IOException {
    long offset = lba * sectorSize;
    return lba > 0
        && offset <= device.size() - sectorSize
        && device.bytes(offset, TEXT.length(), ByteOrder.LITTLE_ENDIAN).hasAscii(0, TEXT);
  }

  /** The number of the last whole sector of a device. */
  public static long lastLba(Device device, int sectorSize) {
    return device.size() / sectorSize - 1;
  }

  /** Whether one of the places that need no other structure to be found holds the signature. */
  public static boolean isAnywhere(Device device) throws IOException {
    for (int sectorSize : new int[] {512, 4096}) {
      if (isAt(device, 1, sectorSize) || isAt(device, lastLba(device, sectorSize), sectorSize)) {
        return true;
      }
    }
    return false;
  }
}
