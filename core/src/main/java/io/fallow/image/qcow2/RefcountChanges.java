package io.fallow.image.qcow2;

import java.util.Arrays;

/** New refcounts of single host clusters, in ascending order of the clusters. */
final class RefcountChanges {

  private long[] clusters = new long[16];
  private int[] values = new int[16];
  private int size;

  /** Adds the new refcount of a cluster above all those before. */
  void add(long cluster, int value) {
    if (size == clusters.length) {
      clusters = Arrays.copyOf(clusters, size * 2);
      values = Arrays.copyOf(values, size * 2);
    }
    clusters[size] = cluster;
    values[size++] = value;
  }

  /** The number of clusters. */
  int size() {
    return size;
  }

  /** The cluster at {@code index}. */
  long cluster(int index) {
    return clusters[index];
  }

  /** Its new refcount. */
  int value(int index) {
    return values[index];
  }
}
