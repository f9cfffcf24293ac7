package io.fallow.image.qcow2;

import io.fallow.bytes.UnsupportedFeatureException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How often each host cluster is referred to, and whether it holds metadata. A cluster costs four
 * bits as long as its neighbourhood has no more than seven references each, and nothing where there
 * are none, so that a file of ten tebibytes fits into the heap.
 */
final class ReferenceCounts {

  /** Clusters in a chunk, the unit that grows wider. */
  static final int CHUNK = 1 << 15;

  private static final int CHUNK_BITS = 15;

  private static final int NARROW_MAX = 7;
  private static final int NARROW_METADATA = 8;
  private static final int WIDE_METADATA = 1 << 31;
  private static final long MAX_BYTES = 112L << 20;

  private final String source;
  private final long clusters;
  private final byte[] @Nullable [] narrow;
  private final int[] @Nullable [] wide;
  private long bytes;

  /**
   * Counts of zero for {@code clusters} clusters.
   *
   * @throws UnsupportedFeatureException if the file has more clusters than QEMU would check
   */
  ReferenceCounts(String source, long clusters) throws UnsupportedFeatureException {
    if (clusters > Integer.MAX_VALUE) {
      throw new UnsupportedFeatureException(
          source, List.of("a file of %d clusters".formatted(clusters)));
    }
    this.source = source;
    this.clusters = clusters;
    int chunks = (int) Math.ceilDiv(clusters, (long) CHUNK);
    this.narrow = new byte[chunks][];
    this.wide = new int[chunks][];
  }

  /** The number of clusters. */
  long clusters() {
    return clusters;
  }

  /** The references to a cluster. */
  int count(long cluster) {
    int chunk = (int) (cluster >>> CHUNK_BITS);
    int[] words = wide[chunk];
    return words == null
        ? nibble(narrow[chunk], cluster) & NARROW_MAX
        : words[(int) cluster & (CHUNK - 1)] & ~WIDE_METADATA;
  }

  /** Whether a cluster holds metadata. */
  boolean isMetadata(long cluster) {
    int chunk = (int) (cluster >>> CHUNK_BITS);
    int[] words = wide[chunk];
    return words == null
        ? (nibble(narrow[chunk], cluster) & NARROW_METADATA) != 0
        : words[(int) cluster & (CHUNK - 1)] < 0;
  }

  /** Whether nothing refers to any cluster of {@code [start, end)}; may say no where it is so. */
  boolean isUnused(long start, long end) {
    for (long chunk = start / CHUNK; chunk * CHUNK < end; chunk++) {
      if (narrow[(int) chunk] != null || wide[(int) chunk] != null) {
        return false;
      }
    }
    return true;
  }

  /** Counts {@code references} more to a cluster of data. */
  void add(long cluster, int references) throws UnsupportedFeatureException {
    change(cluster, references, false);
  }

  /** Counts {@code references} more to a cluster of metadata. */
  void addMetadata(long cluster, int references) throws UnsupportedFeatureException {
    change(cluster, references, true);
  }

  /** Counts one reference less to a cluster that has some. */
  void subtract(long cluster) throws UnsupportedFeatureException {
    change(cluster, -1, false);
  }

  private void change(long cluster, int delta, boolean metadata)
      throws UnsupportedFeatureException {
    int chunk = (int) (cluster >>> CHUNK_BITS);
    int index = (int) cluster & (CHUNK - 1);
    int count = count(cluster) + delta;
    boolean marked = metadata || isMetadata(cluster);
    int[] words = wide[chunk];
    if (words == null && count > NARROW_MAX) {
      words = widen(chunk);
    }
    if (words != null) {
      words[index] = marked ? count | WIDE_METADATA : count;
      return;
    }
    byte[] nibbles = narrow[chunk];
    if (nibbles == null) {
      spend(CHUNK / 2);
      nibbles = new byte[CHUNK / 2];
      narrow[chunk] = nibbles;
    }
    int shift = (index & 1) * 4;
    int value = marked ? count | NARROW_METADATA : count;
    nibbles[index / 2] = (byte) ((nibbles[index / 2] & ~(15 << shift)) | (value << shift));
  }

  private static int nibble(byte @Nullable [] nibbles, long cluster) {
    int index = (int) cluster & (CHUNK - 1);
    return nibbles == null ? 0 : (nibbles[index / 2] >>> ((index & 1) * 4)) & 15;
  }

  private int[] widen(int chunk) throws UnsupportedFeatureException {
    spend((long) CHUNK * Integer.BYTES);
    int[] words = new int[CHUNK];
    byte[] nibbles = narrow[chunk];
    for (int i = 0; i < CHUNK; i++) {
      int nibble = nibble(nibbles, i);
      words[i] = (nibble & NARROW_METADATA) == 0 ? nibble : (nibble & NARROW_MAX) | WIDE_METADATA;
    }
    narrow[chunk] = null;
    wide[chunk] = words;
    return words;
  }

  private void spend(long more) throws UnsupportedFeatureException {
    bytes += more;
    if (bytes > MAX_BYTES) {
      throw new UnsupportedFeatureException(
          source,
          List.of("more referenced clusters than fit into memory; convert it to larger ones"));
    }
  }
}
