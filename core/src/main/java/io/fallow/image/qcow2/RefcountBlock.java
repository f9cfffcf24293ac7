package io.fallow.image.qcow2;

/**
 * One refcount block (specification: "Host cluster management"): refcounts of 1 to 64 bits, big
 * endian; those below a byte start at its least significant bit.
 */
final class RefcountBlock {

  private final byte[] bytes;
  private final int order;

  /**
   * A view of a block.
   *
   * @param order the header's {@code refcount_order}
   */
  RefcountBlock(byte[] bytes, int order) {
    this.bytes = bytes;
    this.order = order;
  }

  /** The bytes under the view. */
  byte[] bytes() {
    return bytes;
  }

  /** A copy with bytes of its own. */
  RefcountBlock copy() {
    return new RefcountBlock(bytes.clone(), order);
  }

  /** The refcount of entry {@code index}, unsigned. */
  long get(int index) {
    if (order < 3) {
      return (bytes[index >>> (3 - order)] & 0xFFL) >>> shift(index) & mask();
    }
    int width = 1 << (order - 3);
    long value = 0;
    for (int i = index * width; i < (index + 1) * width; i++) {
      value = (value << 8) | (bytes[i] & 0xFF);
    }
    return value;
  }

  /** Sets the refcount of entry {@code index}, and says in which byte it starts. */
  int set(int index, long value) {
    if (order < 3) {
      int at = index >>> (3 - order);
      bytes[at] = (byte) ((bytes[at] & ~(mask() << shift(index))) | ((int) value << shift(index)));
      return at;
    }
    int width = 1 << (order - 3);
    for (int i = 0; i < width; i++) {
      bytes[index * width + i] = (byte) (value >>> (8 * (width - 1 - i)));
    }
    return index * width;
  }

  private int shift(int index) {
    return (index & ((8 >>> order) - 1)) << order;
  }

  private int mask() {
    return (1 << (1 << order)) - 1;
  }
}
