package io.fallow.image.qcow2;

import io.fallow.device.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/**
 * Rewrites the sectors of a table that changed, neighbours together. No entry crosses a sector, so
 * a torn write leaves each entry old or new.
 */
final class SectorWriter {

  private SectorWriter() {}

  /**
   * Writes parts of a table.
   *
   * @param offset where the table starts in the file
   * @param table all of its bytes
   * @param changed the indexes of the sectors to write
   */
  static void write(HostFile file, long offset, byte[] table, BitSet changed) throws IOException {
    for (int first = changed.nextSetBit(0); first >= 0; ) {
      int after = changed.nextClearBit(first);
      long start = (long) first * Qcow2.SECTOR;
      long length = (long) (after - first) * Qcow2.SECTOR;
      file.write(offset + start, MemorySegment.ofArray(table).asSlice(start, length));
      first = changed.nextSetBit(after);
    }
  }
}
