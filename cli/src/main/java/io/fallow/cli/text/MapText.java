package io.fallow.cli.text;

import io.fallow.cli.report.DiskMap;
import io.fallow.cli.report.DiskMap.Kind;
import java.util.ArrayList;
import java.util.List;

/** The map of a disk, drawn with one character for each cell, and its legend. */
public final class MapText {

  /** The lines that a map takes. */
  private static final int ROWS = 4;

  private static final String INDENT = "  ";

  private final Terminal terminal;
  private final Sizes sizes;

  /** A renderer for one terminal. */
  public MapText(Terminal terminal, Sizes sizes) {
    this.terminal = terminal;
    this.sizes = sizes;
  }

  /** The number of cells of a map that fills a terminal's width. */
  public static int cells(Terminal terminal) {
    return ROWS * columns(terminal);
  }

  private static int columns(Terminal terminal) {
    return terminal.width() - 2 * INDENT.length();
  }

  void render(Lines lines, DiskMap map) {
    int columns = columns(terminal);
    for (int from = 0; from < map.cells(); from += columns) {
      lines.add(INDENT + row(map, from, Math.min(map.cells(), from + columns)));
    }
    List<String> legend = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      if (map.has(kind)) {
        legend.add(glyph(kind) + " " + name(kind));
      }
    }
    legend(lines, legend);
    lines.paragraph(INDENT, "one character is " + sizes.of(map.cellSize()), Style.FAINT, terminal);
  }

  /** Runs of one kind share one colour change. */
  private String row(DiskMap map, int from, int to) {
    StringBuilder row = new StringBuilder();
    for (int cell = from; cell < to; ) {
      Kind kind = map.kind(cell);
      int end = cell + 1;
      while (end < to && map.kind(end) == kind) {
        end++;
      }
      row.append(style(kind).of(character(kind).repeat(end - cell), terminal.colour()));
      cell = end;
    }
    return row.toString();
  }

  private void legend(Lines lines, List<String> entries) {
    StringBuilder line = new StringBuilder();
    int width = 0;
    for (int index = 0; index < entries.size(); index++) {
      int plain = plainWidth(entries.get(index));
      if (width > 0 && width + 3 + plain > columns(terminal)) {
        lines.add(INDENT + line);
        line.setLength(0);
        width = 0;
      }
      line.append(width == 0 ? "" : "   ").append(entries.get(index));
      width += (width == 0 ? 0 : 3) + plain;
    }
    lines.add(INDENT + line);
  }

  private static int plainWidth(String text) {
    return text.replaceAll("\u001b\\[[0-9]*m", "").length();
  }

  private String glyph(Kind kind) {
    return style(kind).of(character(kind), terminal.colour());
  }

  private String character(Kind kind) {
    return switch (kind) {
      case USED -> terminal.unicode() ? "█" : "#";
      case RELEASABLE -> terminal.unicode() ? "▒" : "+";
      case HOLE -> terminal.unicode() ? "·" : ".";
      case HELD -> terminal.unicode() ? "▚" : "=";
      case REFUSED -> terminal.unicode() ? "▓" : "?";
      case OUTSIDE -> terminal.unicode() ? "╌" : "-";
    };
  }

  private static Style style(Kind kind) {
    return switch (kind) {
      case USED -> Style.USED;
      case RELEASABLE -> Style.RELEASABLE;
      case HOLE, OUTSIDE -> Style.FAINT;
      case HELD -> Style.HELD;
      case REFUSED -> Style.REFUSED;
    };
  }

  private static String name(Kind kind) {
    return switch (kind) {
      case USED -> "used";
      case RELEASABLE -> "releasable";
      case HOLE -> "free, takes no space";
      case HELD -> "free, but held or lost";
      case REFUSED -> "left alone";
      case OUTSIDE -> "in no volume";
    };
  }
}
