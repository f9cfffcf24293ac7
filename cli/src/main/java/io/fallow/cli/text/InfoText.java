package io.fallow.cli.text;

import io.fallow.cli.report.InfoReport;
import io.fallow.cli.report.InfoReport.Qcow2Details;
import io.fallow.cli.text.Table.Cell;
import io.fallow.image.qcow2.Qcow2Header;
import io.fallow.image.qcow2.Snapshot;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a file's own metadata says. */
public final class InfoText {

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final Terminal terminal;
  private final Sizes sizes;

  /** A renderer for one terminal. */
  public InfoText(Terminal terminal, Sizes sizes) {
    this.terminal = terminal;
    this.sizes = sizes;
  }

  /** The information as text. */
  public String render(InfoReport report) {
    Lines lines = new Lines();
    lines.add(Style.STRONG.of(Lines.safe(report.image()), terminal.colour()));
    Table table = new Table(1, false, false);
    row(table, "format", report.format() + version(report));
    row(table, "virtual size", sizes.of(report.virtualSize()));
    row(table, "file size", sizes.of(report.fileSize()));
    row(table, "on the host", sizes.of(report.hostAllocated()));
    if (report.inUse()) {
      row(table, "in use", "another process has it open for writing");
    }
    Qcow2Details qcow2 = report.qcow2();
    if (qcow2 != null) {
      details(table, qcow2.header());
    }
    table.print(lines, terminal);
    if (qcow2 != null && !qcow2.snapshots().isEmpty()) {
      snapshots(lines.gap(), qcow2.snapshots());
    }
    return lines.toString();
  }

  private static String version(InfoReport report) {
    return report.qcow2() == null ? "" : ", version " + report.qcow2().header().version();
  }

  private void details(Table table, Qcow2Header header) {
    row(table, "cluster size", sizes.of(header.clusterSize()));
    row(table, "refcounts", header.refcountBits() + " bits");
    row(table, "compression", header.compressionType().toString());
    header
        .backingFile()
        .ifPresent(name -> {
          String format = header.backingFormat().orElse("format not declared");
          row(table, "backing file", Lines.safe(name) + " (" + Lines.safe(format) + ")");
        });
    List<String> flags = new ArrayList<>();
    if (header.lazyRefcounts()) {
      flags.add("lazy refcounts");
    }
    if (header.dirty()) {
      flags.add("dirty: refcounts may be stale");
    }
    if (header.corrupt()) {
      flags.add("corrupt: a writer found it broken");
    }
    if (!flags.isEmpty()) {
      row(table, "flags", String.join(", ", flags));
    }
  }

  private void snapshots(Lines lines, List<Snapshot> snapshots) {
    Table table = new Table(1, false, false, false, true, true);
    table.add(
        List.of(faint("SNAPSHOT"), faint("NAME"), faint("TAKEN"), faint("SIZE"), faint("VM STATE")),
        "",
        List.of());
    for (Snapshot snapshot : snapshots) {
      table.add(
          List.of(
              Cell.of(Lines.safe(snapshot.id())),
              Cell.of(Lines.safe(snapshot.name())),
              Cell.of(DATE.format(snapshot.date())),
              Cell.of(sizes.of(snapshot.virtualSize())),
              Cell.of(sizes.of(snapshot.vmStateSize()))),
          "",
          List.of());
    }
    table.print(lines, terminal);
  }

  private static Cell faint(String text) {
    return new Cell(text, Style.FAINT);
  }

  private static void row(Table table, String name, String value) {
    table.add(List.of(faint(name), Cell.of(value)), "", List.of());
  }
}
