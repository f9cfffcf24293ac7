package io.fallow.cli.text;

import io.fallow.cli.report.DiskMap;
import io.fallow.cli.report.ImageReport;
import io.fallow.cli.text.Table.Cell;
import io.fallow.cli.text.Table.Remark;
import io.fallow.plan.VolumePlan;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** The report of a scan: the image, its tree of volumes, and the map of its disk. */
public final class ScanText {

  private final Terminal terminal;
  private final Sizes sizes;

  /** A renderer for one terminal. */
  public ScanText(Terminal terminal, Sizes sizes) {
    this.terminal = terminal;
    this.sizes = sizes;
  }

  /**
   * The report as text.
   *
   * @param map the map to show, or null for none
   */
  public String render(ImageReport report, @Nullable DiskMap map) {
    Lines lines = new Lines();
    head(lines, report);
    lines.gap();
    volumes(lines, report);
    if (map != null) {
      lines.gap();
      new MapText(terminal, sizes).render(lines, map);
    }
    return lines.toString();
  }

  private void head(Lines lines, ImageReport report) {
    String kind = "  " + report.format() + ", " + sizes.of(report.virtualSize());
    lines.add(strong(Lines.safe(report.image())) + faint(kind));
    if (report.inUse()) {
      lines.paragraph(
          "  ",
          "in use by another process: what follows is approximate, and trim has to wait until the"
              + " guest is shut down",
          Style.REFUSED,
          terminal);
    }
    Table table = new Table(2, false, true, false);
    table.add(figure("on the host", sizes.of(report.hostAllocated()), null, ""), "", List.of());
    table.add(figure("guest uses", sizes.of(report.used()), null, ""), "", List.of());
    table.add(
        figure(
            "releasable",
            sizes.of(report.releasable()),
            report.releasable() > 0 ? Style.RELEASABLE : null,
            share(report)),
        "",
        List.of());
    table.print(lines, terminal);
  }

  private static List<Cell> figure(String name, String size, @Nullable Style style, String rest) {
    return List.of(Cell.of(name), new Cell(size, style), new Cell(rest, Style.FAINT));
  }

  private String share(ImageReport report) {
    if (report.releasable() == 0 || report.hostAllocated() == 0) {
      return "";
    }
    double share = 100.0 * report.releasable() / report.hostAllocated();
    String text = Math.min(100, Math.round(share)) + " % of what it takes";
    return report.unowned() > 0
        ? text + ", " + sizes.of(report.unowned()) + " of it in clusters that no one owns"
        : text;
  }

  private void volumes(Lines lines, ImageReport report) {
    Table table = new Table(2, false, false, false, true, true, true, true);
    table.add(
        List.of(
            new Cell("VOLUME", Style.FAINT),
            new Cell("TYPE", Style.FAINT),
            new Cell(hasLabels(report) ? "LABEL" : "", Style.FAINT),
            new Cell("SIZE", Style.FAINT),
            new Cell("USED", Style.FAINT),
            new Cell("FREE", Style.FAINT),
            new Cell("RELEASABLE", Style.FAINT)),
        "",
        List.of());
    for (VolumeTree.Entry entry : VolumeTree.of(report.volumes(), terminal.unicode())) {
      VolumePlan volume = entry.volume();
      if (volume == null) {
        table.add(List.of(Cell.of(entry.name())), "", List.of());
      } else {
        table.add(cells(entry.name(), volume), entry.below(), remarks(volume));
      }
    }
    table.print(lines, terminal);
  }

  private static boolean hasLabels(ImageReport report) {
    return report.volumes().stream().anyMatch(volume -> !volume.label().isEmpty());
  }

  private List<Cell> cells(String name, VolumePlan volume) {
    return List.of(
        Cell.of(name),
        Cell.of(Lines.safe(volume.type())),
        Cell.of(Lines.safe(volume.label())),
        Cell.of(sizes.of(volume.place().length())),
        Cell.of(sizes.of(volume.used())),
        Cell.of(sizes.of(volume.free())),
        volume.releasable() > 0
            ? new Cell(sizes.of(volume.releasable()), Style.RELEASABLE)
            : new Cell(terminal.unicode() ? "–" : "-", Style.FAINT));
  }

  private List<Remark> remarks(VolumePlan volume) {
    List<Remark> remarks = new ArrayList<>();
    if (volume.ignored()) {
      remarks.add(new Remark("left alone, as asked", Style.FAINT));
    } else if (volume.refusal() != null) {
      remarks.add(new Remark("refused: " + Lines.safe(volume.refusal().reason()), Style.REFUSED));
    }
    String rest = rest(volume.holes(), volume.held(), volume.lost());
    if (!rest.isEmpty() && remarks.isEmpty()) {
      remarks.add(new Remark(rest, Style.FAINT));
    }
    return remarks;
  }

  /** Where the free bytes are that cannot be released. */
  private String rest(long holes, SortedMap<String, Long> held, long lost) {
    List<String> parts = new ArrayList<>();
    if (holes > 0) {
      parts.add(sizes.of(holes) + " takes no space already");
    }
    held.forEach((owner, bytes) -> parts.add(sizes.of(bytes) + " held by " + Lines.safe(owner)));
    if (lost > 0) {
      parts.add(sizes.of(lost) + " lost to granularity");
    }
    return String.join(", ", parts);
  }

  private String strong(String text) {
    return Style.STRONG.of(text, terminal.colour());
  }

  private String faint(String text) {
    return Style.FAINT.of(text, terminal.colour());
  }
}
