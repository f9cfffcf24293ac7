package io.fallow.cli.text;

import java.util.ArrayList;
import java.util.List;

/** Lines of text on their way to a terminal or file. */
final class Lines {

  private final StringBuilder text = new StringBuilder();

  /** Adds a line. */
  Lines add(String line) {
    text.append(line).append('\n');
    return this;
  }

  /** Adds an empty line. */
  Lines gap() {
    return add("");
  }

  /** Adds a paragraph, wrapped, each line indented and in one style. */
  Lines paragraph(String indent, String paragraph, Style style, Terminal terminal) {
    for (String part : wrap(paragraph, terminal.width() - indent.length())) {
      add(indent + style.of(part, terminal.colour()));
    }
    return this;
  }

  /** Breaks a text between words so that no part is wider than {@code width}, if words allow. */
  static List<String> wrap(String text, int width) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (String word : text.split(" ")) {
      if (!part.isEmpty() && part.length() + 1 + word.length() > width) {
        parts.add(part.toString());
        part.setLength(0);
      }
      part.append(part.isEmpty() ? "" : " ").append(word);
    }
    parts.add(part.toString());
    return parts;
  }

  /**
   * Text that came from a disk, safe to show: control characters, which could drive the terminal,
   * become question marks.
   */
  static String safe(String text) {
    StringBuilder safe = new StringBuilder();
    text.codePoints().map(point -> isHarmful(point) ? '?' : point).forEach(safe::appendCodePoint);
    return safe.toString();
  }

  private static boolean isHarmful(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
