package io.fallow.cli.text;

import io.fallow.image.qcow2.CheckResult;
import io.fallow.image.qcow2.CheckResult.Finding;
import java.util.List;
import java.util.Locale;

/** What a check found, in the terms of {@code qemu-img check}. */
public final class CheckText {

  /** Findings that are shown; JSON has all that were kept. */
  private static final int SHOWN = 20;

  private final Terminal terminal;
  private final Sizes sizes;

  /** A renderer for one terminal. */
  public CheckText(Terminal terminal, Sizes sizes) {
    this.terminal = terminal;
    this.sizes = sizes;
  }

  /** The result as text. */
  public String render(String image, CheckResult result) {
    Lines lines = new Lines();
    lines.add(Style.STRONG.of(Lines.safe(image), terminal.colour()) + "  " + verdict(result));
    List<Finding> findings = result.findings();
    for (Finding finding : findings.subList(0, Math.min(SHOWN, findings.size()))) {
      String kind = finding.kind().name().toLowerCase(Locale.ROOT);
      String where = " at 0x" + Long.toHexString(finding.offset()) + ": ";
      lines.paragraph("  ", kind + where + Lines.safe(finding.reason()), style(finding), terminal);
    }
    long more = result.leaks() + result.corruptions() - Math.min(SHOWN, findings.size());
    if (more > 0) {
      lines.add("  and " + more + " more");
    }
    lines.add(
        "  %d of %d clusters allocated (%s %%), %s %% fragmented, %s %% compressed"
            .formatted(
                result.allocatedClusters(),
                result.totalClusters(),
                percent(result.allocatedClusters(), result.totalClusters()),
                percent(result.fragmentedClusters(), result.allocatedClusters()),
                percent(result.compressedClusters(), result.allocatedClusters())));
    lines.add("  in use up to " + sizes.of(result.imageEndOffset()));
    return lines.toString();
  }

  /** The line for a format without anything to check. */
  public String renderNothing(String image, String format) {
    return Style.STRONG.of(Lines.safe(image), terminal.colour())
        + "  "
        + format
        + " has nothing to check\n";
  }

  private String verdict(CheckResult result) {
    if (result.corruptions() > 0) {
      String leaks = result.leaks() > 0 ? ", and " + counted(result.leaks(), "leak") : "";
      return Style.ERROR.of(counted(result.corruptions(), "corruption") + leaks, terminal.colour());
    }
    if (result.leaks() > 0) {
      return Style.REFUSED.of(counted(result.leaks(), "leaked cluster"), terminal.colour())
          + ": wasted space but no harm; trim gives it back";
    }
    return "no errors";
  }

  private static Style style(Finding finding) {
    return finding.kind() == CheckResult.Kind.LEAK ? Style.REFUSED : Style.ERROR;
  }

  private static String counted(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  private static String percent(long part, long whole) {
    return String.format(Locale.ROOT, "%.1f", whole == 0 ? 0.0 : 100.0 * part / whole);
  }
}
