package io.fallow.cli;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.cli.image.UsageException;
import io.fallow.cli.json.ErrorJson;
import io.fallow.device.HostException;
import io.fallow.host.ImageInUseException;
import java.io.IOException;

/**
 * What went wrong with one image: the only place where exceptions become exit codes and messages.
 *
 * @param code the exit code that it asks for
 * @param message one line: what, where, why, and what to do
 */
public record Failure(ExitCode code, String message) {

  /** What an exception means to the user. */
  public static Failure of(Throwable cause) {
    return switch (cause) {
      case ImageInUseException inUse -> new Failure(ExitCode.IN_USE, text(inUse));
      case UsageException usage -> new Failure(ExitCode.USAGE, text(usage));
      case UnsupportedFeatureException feature -> new Failure(ExitCode.REFUSED, text(feature));
      case CorruptFormatException corrupt ->
          new Failure(
              ExitCode.FAILURE,
              text(corrupt) + "; the image is left as it is, see what check says of it");
      case HostException host when host.isUnsupported() && host.operation().equals("punch") ->
          new Failure(
              ExitCode.CANNOT_DISCARD,
              text(host) + "; copy the image to a filesystem such as ext4, XFS or btrfs");
      case HostException host -> new Failure(ExitCode.FAILURE, text(host) + advice(host.errno()));
      case IOException other -> new Failure(ExitCode.FAILURE, text(other));
      case OutOfMemoryError _ ->
          new Failure(
              ExitCode.FAILURE,
              "not enough memory for this image; set FALLOW_JAVA_OPTIONS=-Xmx1g and try again");
      default ->
          new Failure(
              ExitCode.FAILURE,
              "a defect of Fallow, %s: run again with --debug and report what it prints"
                  .formatted(cause));
    };
  }

  /** A failure to read an image that another process may have been changing meanwhile. */
  public static Failure whileInUse(Throwable cause) {
    Failure plain = of(cause);
    return plain.code() != ExitCode.USAGE && cause instanceof IOException
        ? new Failure(
            ExitCode.IN_USE,
            plain.message()
                + " (another process uses the image and may have changed it meanwhile; scan again,"
                + " or shut the guest down first)")
        : plain;
  }

  /** As JSON tells it. */
  ErrorJson json() {
    return new ErrorJson(code.code(), code.kind(), message);
  }

  private static String text(IOException cause) {
    String message = cause.getMessage();
    return (message == null ? cause.toString() : message).replace('\n', ' ');
  }

  private static String advice(int errno) {
    return switch (errno) {
      case HostException.ENOENT -> "; check the path";
      case HostException.EACCES, HostException.EPERM ->
          "; run as a user who may read and write the file";
      case HostException.EIO -> "; look at the host's kernel log, and at its disk";
      case HostException.ENOSPC -> "; make some room on the host's filesystem and run again";
      default -> "";
    };
  }
}
