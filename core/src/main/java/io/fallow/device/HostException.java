package io.fallow.device;

import io.fallow.extent.Extent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A call to the host failed. */
public final class HostException extends IOException {

  private static final long serialVersionUID = 1L;

  /** Linux's numbers of the errors that the product tells apart. */
  public static final int EPERM = 1;

  /** No such file or directory. */
  public static final int ENOENT = 2;

  /** Input/output error. */
  public static final int EIO = 5;

  /** Resource temporarily unavailable. */
  public static final int EAGAIN = 11;

  /** Permission denied. */
  public static final int EACCES = 13;

  /** Invalid argument. */
  public static final int EINVAL = 22;

  /** No space left on device. */
  public static final int ENOSPC = 28;

  /** Function not implemented. */
  public static final int ENOSYS = 38;

  /** Operation not supported. */
  public static final int EOPNOTSUPP = 95;

  private final String operation;
  private final int errno;
  private final transient @Nullable Extent range;

  /**
   * Describes the failed call.
   *
   * @param source the file's name
   * @param operation what was tried, such as {@code "punch"}
   * @param errno the host's error number
   * @param reason the host's text for it
   * @param range the bytes concerned, or null where there are none
   */
  public HostException(
      String source, String operation, int errno, String reason, @Nullable Extent range) {
    super(
        "%s%s: %s failed: %s"
            .formatted(
                source,
                range == null ? "" : " at 0x%x+0x%x".formatted(range.start(), range.length()),
                operation,
                reason));
    this.operation = operation;
    this.errno = errno;
    this.range = range;
  }

  /** What was tried. */
  public String operation() {
    return operation;
  }

  /** The host's error number. */
  public int errno() {
    return errno;
  }

  /** The bytes concerned, or null where there are none. */
  public @Nullable Extent range() {
    return range;
  }

  /** Whether the host's filesystem or kernel cannot do this at all. */
  public boolean isUnsupported() {
    return errno == EOPNOTSUPP || errno == ENOSYS;
  }
}
