package io.fallow.bytes;

import java.io.IOException;

/** An on-disk structure breaks its specification: what, and where it lies. */
public final class CorruptFormatException extends IOException {

  private static final long serialVersionUID = 1L;

  private final String source;
  private final long offset;
  private final String reason;

  /**
   * Describes a broken structure.
   *
   * @param source the name of the device or file that holds it
   * @param offset where it starts, in bytes from the start of {@code source}
   * @param reason what is wrong: the specification's field name, expected and found
   */
  public CorruptFormatException(String source, long offset, String reason) {
    super("%s at 0x%x: %s".formatted(source, offset, reason));
    this.source = source;
    this.offset = offset;
    this.reason = reason;
  }

  /** The name of the device or file. */
  public String source() {
    return source;
  }

  /** Where the structure starts, in bytes. */
  public long offset() {
    return offset;
  }

  /** What is wrong with it. */
  public String reason() {
    return reason;
  }
}
