package io.fallow.fs.xfs;

import java.util.Arrays;

/**
 * Free extents of one allocation group as their btrees hold them, {@code struct xfs_alloc_rec}: a
 * first block and a count of blocks each, packed into one number.
 */
final class FreeExtents {

  private static final long COUNT = 0xFFFF_FFFFL;

  private final long[] records;

  private FreeExtents(long[] records) {
    this.records = records;
  }

  /** The extents of {@code records}, in the same order. */
  static FreeExtents of(LongList records) {
    return new FreeExtents(records.toArray());
  }

  /** ar_startblock of a record. */
  static long start(long record) {
    return record >>> 32;
  }

  /** ar_blockcount of a record. */
  static long count(long record) {
    return record & COUNT;
  }

  /** The block after a record's last one. */
  static long end(long record) {
    return start(record) + count(record);
  }

  int size() {
    return records.length;
  }

  long start(int index) {
    return start(records[index]);
  }

  long end(int index) {
    return end(records[index]);
  }

  /** The blocks of all extents. */
  long total() {
    long total = 0;
    for (long record : records) {
      total += count(record);
    }
    return total;
  }

  /** The blocks of the longest extent. */
  long longest() {
    long longest = 0;
    for (long record : records) {
      longest = Math.max(longest, count(record));
    }
    return longest;
  }

  /** The same extents, by block. */
  FreeExtents byBlock() {
    long[] sorted = records.clone();
    Arrays.sort(sorted);
    return new FreeExtents(sorted);
  }

  /** The index of the first extent that is another one in {@code other}; −1 if none is. */
  int mismatch(FreeExtents other) {
    return Arrays.mismatch(records, other.records);
  }

  /** Whether any of these extents, which are by block, has one of the {@code count} blocks. */
  boolean overlaps(long start, long count) {
    // Only the last extent that starts before the range's end can reach into it.
    int found = Arrays.binarySearch(records, (start + count) << 32);
    int index = (found < 0 ? -found - 1 : found) - 1;
    return index >= 0 && end(index) > start;
  }
}
