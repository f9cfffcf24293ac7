package io.fallow.volume.mbr;

/**
 * A partition that a boot record describes, in sectors of the whole disk.
 *
 * @param number as Linux counts: primaries by their entry from 1 to 4, logical ones from 5
 * @param osType what it holds
 * @param start its first sector
 * @param end the sector after its last one
 */
record Partition(int number, int osType, long start, long end) {

  boolean overlaps(Partition other) {
    return start < other.end && other.start < end;
  }

  boolean contains(long from, long to) {
    return start <= from && to <= end;
  }
}
