package io.fallow.cli.text;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lines of aligned columns, in which a line may carry remarks of its own underneath. */
final class Table {

  private static final String GAP = "  ";

  /** One cell: its text, and the style it is shown in if any. */
  record Cell(String text, @Nullable Style style) {

    /** A cell in the terminal's own style. */
    static Cell of(String text) {
      return new Cell(text, null);
    }
  }

  private record Row(List<Cell> cells, String indent, List<Remark> remarks) {}

  /** A text under a row, wrapped to the width. */
  record Remark(String text, Style style) {}

  private final boolean[] rightAligned;
  private final int shrinkable;
  private final List<Row> rows = new ArrayList<>();

  /**
   * An empty table.
   *
   * @param shrinkable the column that is cut where the terminal is narrow
   * @param rightAligned for each column, whether it holds numbers
   */
  Table(int shrinkable, boolean... rightAligned) {
    this.shrinkable = shrinkable;
    this.rightAligned = rightAligned.clone();
  }

  /**
   * Adds a line.
   *
   * @param indent what remarks are indented by
   */
  void add(List<Cell> cells, String indent, List<Remark> remarks) {
    rows.add(new Row(List.copyOf(cells), indent, List.copyOf(remarks)));
  }

  /** Writes the lines, each indented by two columns. */
  void print(Lines lines, Terminal terminal) {
    int[] widths = widths(terminal.width() - GAP.length());
    for (Row row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < row.cells().size(); column++) {
        Cell cell = row.cells().get(column);
        if (widths[column] == 0) {
          continue;
        }
        String text = fit(cell.text(), widths[column], terminal.unicode());
        String pad = " ".repeat(widths[column] - width(text));
        String shown = cell.style() == null ? text : cell.style().of(text, terminal.colour());
        line.append(GAP).append(rightAligned[column] ? pad + shown : shown + pad);
      }
      lines.add(line.toString().stripTrailing());
      for (Remark remark : row.remarks()) {
        String indent = GAP + row.indent();
        for (String part : Lines.wrap(remark.text(), terminal.width() - indent.length())) {
          lines.add(indent + remark.style().of(part, terminal.colour()));
        }
      }
    }
  }

  /** The columns' widths; the shrinkable one gives way, and vanishes before it is too narrow. */
  private int[] widths(int available) {
    int[] widths = new int[rightAligned.length];
    for (Row row : rows) {
      for (int column = 0; column < row.cells().size(); column++) {
        widths[column] = Math.max(widths[column], width(row.cells().get(column).text()));
      }
    }
    int total = 0;
    for (int width : widths) {
      total += width == 0 ? 0 : width + GAP.length();
    }
    int excess = total - GAP.length() - available;
    if (excess > 0) {
      int rest = widths[shrinkable] - excess;
      widths[shrinkable] = rest < 4 ? 0 : rest;
    }
    return widths;
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }

  private static String fit(String text, int width, boolean unicode) {
    if (width(text) <= width) {
      return text;
    }
    String mark = unicode ? "…" : "~";
    return text.substring(0, text.offsetByCodePoints(0, width - 1)) + mark;
  }
}
