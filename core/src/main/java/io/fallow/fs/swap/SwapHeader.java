package io.fallow.fs.swap;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The first page of a swap area, {@code union swap_header.info} of the kernel.
 *
 * @param pageSize in bytes
 * @param lastPage the number of the last page, counted from 0; at least 1
 * @param badPages pages that are never used, each in 1..lastPage
 * @param uuid the area's identity
 * @param volume the area's label, or an empty text
 */
record SwapHeader(int pageSize, long lastPage, List<Long> badPages, UUID uuid, String volume) {

  private static final int BAD_PAGES = 0x600;

  /** Reads and checks the first page of a version 1 area. */
  static SwapHeader read(Device device, SwapMagic magic) throws IOException {
    Bytes page = device.bytes(0, magic.pageSize(), magic.order(device));
    long version = page.u32(0x400);
    long lastPage = page.u32(0x404);
    long nrBadpages = page.u32(0x408);
    UUID swsUuid = page.uuid(0x40C);
    String swsVolume = page.text(0x41C, 16);
    page.check(version == 1, 0x400, "version %d is not 1", version);
    page.check(
        lastPage >= 1 && lastPage < device.size() / magic.pageSize(),
        0x404,
        "last_page %d is not in 1..%d; recreate the area with mkswap",
        lastPage,
        device.size() / magic.pageSize() - 1);
    int room = (magic.pageSize() - SwapMagic.LENGTH - BAD_PAGES) / Integer.BYTES;
    page.check(nrBadpages <= room, 0x408, "nr_badpages %d is above %d", nrBadpages, room);
    return new SwapHeader(
        magic.pageSize(), lastPage, badPages(page, nrBadpages, lastPage), swsUuid, swsVolume);
  }

  private static List<Long> badPages(Bytes page, long count, long lastPage)
      throws CorruptFormatException {
    List<Long> bad = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long at = BAD_PAGES + (long) i * Integer.BYTES;
      long number = page.u32(at);
      page.check(
          number >= 1 && number <= lastPage,
          at,
          "badpages[%d] is %d, not in 1..%d",
          i,
          number,
          lastPage);
      bad.add(number);
    }
    return List.copyOf(bad);
  }

  /** The bytes that the area covers. */
  long size() {
    return (lastPage + 1) * pageSize;
  }
}
