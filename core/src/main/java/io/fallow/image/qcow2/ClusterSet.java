package io.fallow.image.qcow2;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A set of host clusters that costs a bit for each in the neighbourhood of its members, and next to
 * nothing elsewhere: at most a quarter of what {@link ReferenceCounts} takes for the same clusters.
 */
final class ClusterSet {

  private final @Nullable BitSet[] chunks;

  /** An empty set of clusters below {@code clusters}. */
  ClusterSet(long clusters) {
    chunks = new BitSet[(int) Math.ceilDiv(clusters, (long) ReferenceCounts.CHUNK)];
  }

  /** Adds a cluster. */
  void add(long cluster) {
    int index = (int) (cluster / ReferenceCounts.CHUNK);
    BitSet chunk = chunks[index];
    if (chunk == null) {
      chunk = new BitSet(ReferenceCounts.CHUNK);
      chunks[index] = chunk;
    }
    chunk.set((int) (cluster % ReferenceCounts.CHUNK));
  }

  /** Whether a cluster was added. */
  boolean contains(long cluster) {
    BitSet chunk = chunks[(int) (cluster / ReferenceCounts.CHUNK)];
    return chunk != null && chunk.get((int) (cluster % ReferenceCounts.CHUNK));
  }
}
