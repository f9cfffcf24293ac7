package io.fallow.image.qcow2;

/** How compressed clusters are compressed: the header's {@code compression_type}. */
public enum CompressionType {
  /** Raw deflate streams (RFC 1951). */
  ZLIB("zlib"),
  /** Zstandard frames (RFC 8878). */
  ZSTD("zstd");

  private final String label;

  CompressionType(String label) {
    this.label = label;
  }

  /** The name as {@code qemu-img info} prints it. */
  @Override
  public String toString() {
    return label;
  }
}
