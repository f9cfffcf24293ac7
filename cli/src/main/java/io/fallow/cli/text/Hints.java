package io.fallow.cli.text;

import io.fallow.cli.report.ImageReport;

/** What to do next, in one line. */
public final class Hints {

  private final Terminal terminal;

  /** Hints for one terminal. */
  public Hints(Terminal terminal) {
    this.terminal = terminal;
  }

  /** What to do after a scan; an empty text if nothing. */
  public String afterScan(ImageReport report) {
    if (report.inUse() || report.releasable() == 0) {
      return "";
    }
    return next("give it back", "fallow trim " + ShellWord.of(report.image()));
  }

  /** What to do after a dry run; an empty text if nothing. */
  public String afterDryRun(ImageReport report) {
    return report.releasable() == 0
        ? ""
        : next("nothing was changed; do it", "fallow trim " + ShellWord.of(report.image()));
  }

  private String next(String what, String command) {
    return "\n"
        + Style.FAINT.of("  " + what + ": ", terminal.colour())
        + Style.STRONG.of(command, terminal.colour())
        + "\n";
  }
}
