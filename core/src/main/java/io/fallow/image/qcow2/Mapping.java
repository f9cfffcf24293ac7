package io.fallow.image.qcow2;

/** Where the content of one guest cluster is: what an L2 entry means. */
sealed interface Mapping {

  /** Nowhere in this image: in the backing file, or zero. */
  record Unallocated() implements Mapping {}

  /** Nowhere: it reads as zero, whatever the backing file holds. */
  record Zero() implements Mapping {}

  /**
   * It reads as zero, and keeps a host cluster all the same.
   *
   * @param hostOffset where that cluster starts
   */
  record ZeroAllocated(long hostOffset) implements Mapping {}

  /**
   * In a host cluster of its own.
   *
   * @param hostOffset where that cluster starts
   */
  record Data(long hostOffset) implements Mapping {}

  /**
   * Compressed; several may share a host cluster, and one may lie in more than one.
   *
   * @param hostOffset where the compressed data starts, at any byte
   * @param length the bytes from there to the end of its last sector
   */
  record Compressed(long hostOffset, int length) implements Mapping {}
}
