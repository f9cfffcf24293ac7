package io.fallow.image.qcow2;

import java.util.List;

/**
 * What a check of an image found, in the terms of {@code qemu-img check}.
 *
 * @param imageEndOffset the end of the last host cluster in use, in bytes
 * @param totalClusters guest clusters
 * @param allocatedClusters guest clusters with host clusters
 * @param fragmentedClusters those of them that do not follow their predecessor on the host
 * @param compressedClusters those of them that are compressed
 * @param leaks host clusters whose refcount is higher than their references
 * @param corruptions everything else that is wrong
 * @param findings the first of both kinds; there may be more than are listed
 */
public record CheckResult(
    long imageEndOffset,
    long totalClusters,
    long allocatedClusters,
    long fragmentedClusters,
    long compressedClusters,
    long leaks,
    long corruptions,
    List<Finding> findings) {

  /** What a finding means. */
  public enum Kind {
    /** Space that no one uses, and that is not free. */
    LEAK,
    /** A refcount that is too low, or a copied flag that contradicts it: stale after a crash. */
    STALE,
    /** Anything else: a structure is broken, or two share a place. */
    CORRUPTION
  }

  /**
   * One thing that is wrong.
   *
   * @param kind what it means
   * @param offset where, in bytes from the file's start
   * @param reason what: the specification's names, expected and found
   */
  public record Finding(Kind kind, long offset, String reason) {}
}
