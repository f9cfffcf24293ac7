package io.fallow.cli.text;

import io.fallow.cli.report.ImageReport;
import io.fallow.cli.text.Table.Cell;
import java.util.List;

/** What the demonstration says around the reports of its scan and trim. */
public final class DemoText {

  private final Terminal terminal;
  private final Sizes sizes;

  /** A renderer for one terminal. */
  public DemoText(Terminal terminal, Sizes sizes) {
    this.terminal = terminal;
    this.sizes = sizes;
  }

  /** What there is to see. */
  public String introduction() {
    Lines lines = new Lines();
    lines.paragraph(
        "",
        "This disk was used like any guest's: files were written to its ext4 and XFS filesystems,"
            + " pages to its swap, and most of them were deleted. To the host they still take"
            + " space.",
        Style.FAINT,
        terminal);
    return lines.gap().toString();
  }

  /** The figures before and after. */
  public String comparison(ImageReport before, ImageReport after) {
    Lines lines = new Lines().gap();
    Table table = new Table(0, false, true, true);
    table.add(
        List.of(Cell.of(""), new Cell("BEFORE", Style.FAINT), new Cell("AFTER", Style.FAINT)),
        "",
        List.of());
    row(table, "the guest's disk", before.virtualSize(), after.virtualSize());
    row(table, "the guest uses", before.used(), after.used());
    row(table, "on the host", before.hostAllocated(), after.hostAllocated());
    row(table, "releasable", before.releasable(), after.releasable());
    table.print(lines, terminal);
    return lines.toString();
  }

  /** What to do with disks of one's own. */
  public String next(String kept) {
    Lines lines = new Lines().gap();
    if (!kept.isEmpty()) {
      lines.add("  The disk is in " + Lines.safe(kept)).gap();
    }
    lines.add(Style.FAINT.of("  Try it on a disk of your own:", terminal.colour()));
    command(lines, "fallow scan disk.qcow2", "where its space is; changes nothing");
    command(lines, "fallow trim --dry-run disk.qcow2", "what a trim would do");
    command(lines, "fallow trim --verify disk.qcow2", "do it, and prove the rest unchanged");
    return lines.toString();
  }

  private void row(Table table, String name, long before, long after) {
    Style style = after < before ? Style.RELEASABLE : null;
    table.add(
        List.of(Cell.of(name), Cell.of(sizes.of(before)), new Cell(sizes.of(after), style)),
        "",
        List.of());
  }

  private void command(Lines lines, String command, String purpose) {
    String pad = " ".repeat(Math.max(2, 36 - command.length()));
    lines.add(
        "    "
            + Style.STRONG.of(command, terminal.colour())
            + pad
            + Style.FAINT.of(purpose, terminal.colour()));
  }
}
