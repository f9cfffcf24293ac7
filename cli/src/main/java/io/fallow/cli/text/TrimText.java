package io.fallow.cli.text;

import io.fallow.cli.report.TrimReport;
import io.fallow.cli.report.TrimReport.Verification;

/** What a trim did, in a few lines under the report of its scan. */
public final class TrimText {

  private static final int SHORT_HASH = 16;

  private final Terminal terminal;
  private final Sizes sizes;

  /** A renderer for one terminal. */
  public TrimText(Terminal terminal, Sizes sizes) {
    this.terminal = terminal;
    this.sizes = sizes;
  }

  /** The lines for a trim that was done. */
  public String render(TrimReport report) {
    Lines lines = new Lines();
    String arrow = terminal.unicode() ? " → " : " -> ";
    String change =
        sizes.of(report.hostAllocatedBefore()) + arrow + sizes.of(report.hostAllocatedAfter());
    if (report.released() > 0) {
      lines.add(
          "  "
              + Style.RELEASABLE.of("released " + sizes.of(report.released()), terminal.colour())
              + "  on the host "
              + change);
    } else {
      lines.add("  nothing came back: on the host " + change);
    }
    Verification verification = report.verification();
    if (verification != null) {
      lines.add("  " + verified(verification));
    }
    return lines.toString();
  }

  /** The line for an image of which nothing can be released. */
  public String renderNothing() {
    return "  nothing to release\n";
  }

  private String verified(Verification verification) {
    String bytes = sizes.of(verification.bytes());
    if (verification.equal()) {
      return "verified  the other "
          + bytes
          + " of the disk are unchanged, SHA-256 "
          + verification.after().substring(0, SHORT_HASH);
    }
    return Style.ERROR.of("NOT verified", terminal.colour())
        + "  the other "
        + bytes
        + " of the disk differ";
  }
}
