package io.fallow.cli.text;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where output goes, and what may be sent there.
 *
 * @param out takes reports
 * @param err takes messages and progress
 * @param errIsTerminal whether {@code err} is a terminal, so that a line may be drawn over
 * @param map whether {@code out} is a terminal, where a map is shown unasked
 * @param colour whether {@code out} takes colours
 * @param unicode whether it shows block and line characters
 * @param width its columns
 */
public record Terminal(
    PrintStream out,
    PrintStream err,
    boolean errIsTerminal,
    boolean map,
    boolean colour,
    boolean unicode,
    int width) {

  /** The width where none is known: that of the terminals of old. */
  public static final int USUAL_WIDTH = 80;

  private static final int LEAST_WIDTH = 40;
  private static final int MOST_WIDTH = 160;

  /**
   * That of the process. The JDK cannot tell whether one of the streams is a terminal, so the
   * launcher tells by system properties: {@code fallow.terminal} has {@code out} and {@code err}
   * where they are, {@code fallow.columns} the width, {@code fallow.ascii} is set where the user's
   * locale has no block characters.
   */
  public static Terminal system() {
    String terminals = System.getProperty("fallow.terminal", "");
    boolean out = terminals.contains("out");
    String noColour = System.getenv("NO_COLOR");
    return new Terminal(
        new PrintStream(
            new java.io.FileOutputStream(java.io.FileDescriptor.out),
            false,
            StandardCharsets.UTF_8),
        new PrintStream(
            new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8),
        terminals.contains("err"),
        out,
        out && (noColour == null || noColour.isEmpty()),
        System.getProperty("fallow.ascii") == null,
        columns(System.getenv("COLUMNS"), System.getProperty("fallow.columns")));
  }

  /** The first of the texts that is a sensible number of columns. */
  static int columns(String... texts) {
    for (String text : texts) {
      if (text != null && text.matches("[1-9][0-9]{0,4}")) {
        return Math.clamp(Integer.parseInt(text), LEAST_WIDTH, MOST_WIDTH);
      }
    }
    return USUAL_WIDTH;
  }
}
