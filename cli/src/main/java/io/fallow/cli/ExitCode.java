package io.fallow.cli;

import java.util.List;

/** What the process says to its caller. The order of severity is that of {@link #worst}. */
public enum ExitCode {
  /** All that was asked is done. */
  DONE(0, "done"),
  /** An I/O error, a corrupt image, or a defect of Fallow. */
  FAILURE(1, "failure"),
  /** The command line cannot be followed as it is. */
  USAGE(2, "usage"),
  /** At least one volume or image was not safe, or has a feature that is not supported. */
  REFUSED(3, "refused"),
  /** Another process uses the image. */
  IN_USE(4, "in-use"),
  /** The storage under the image cannot give space back. */
  CANNOT_DISCARD(5, "cannot-discard");

  /** From worst to best: what a user has to look at first. */
  private static final List<ExitCode> SEVERITY =
      List.of(FAILURE, IN_USE, CANNOT_DISCARD, USAGE, REFUSED, DONE);

  private final int code;
  private final String kind;

  ExitCode(int code, String kind) {
    this.code = code;
    this.kind = kind;
  }

  /** The number that the process returns. */
  public int code() {
    return code;
  }

  /** Its name in JSON. */
  public String kind() {
    return kind;
  }

  /** Of several images' codes, the one that the process returns. */
  public static ExitCode worst(List<ExitCode> codes) {
    return SEVERITY.stream().filter(codes::contains).findFirst().orElse(DONE);
  }
}
