package io.fallow.cli.text;

import io.fallow.image.Progress;

/**
 * A line of progress on the error stream, drawn over in place. Prints nothing where the stream is
 * no terminal. Closing it wipes the line.
 */
public final class ProgressLine implements Progress, AutoCloseable {

  private static final int BAR = 20;
  private static final String CLEAR_TO_END = "\u001b[K";

  private final Terminal terminal;
  private final String subject;
  private final boolean enabled;
  private String shown = "";

  /**
   * A line that is empty as yet.
   *
   * @param subject what is worked on
   */
  public ProgressLine(Terminal terminal, String subject, boolean enabled) {
    this.terminal = terminal;
    this.subject = Lines.safe(subject);
    this.enabled = enabled && terminal.errIsTerminal();
  }

  @Override
  public void at(String step, long done, long total) {
    if (!enabled || total <= 0) {
      return;
    }
    double share = Math.clamp((double) done / total, 0, 1);
    int filled = (int) (share * BAR);
    String bar =
        terminal.unicode()
            ? "█".repeat(filled) + "░".repeat(BAR - filled)
            : "#".repeat(filled) + "-".repeat(BAR - filled);
    String tail = " " + bar + " " + (int) (share * 100) + " % " + step;
    int room = terminal.width() - 1 - tail.length();
    String line = (subject.length() > room ? "" : subject) + tail;
    if (!line.equals(shown)) {
      terminal.err().print("\r" + line + CLEAR_TO_END);
      terminal.err().flush();
      shown = line;
    }
  }

  private void wipe() {
    if (!shown.isEmpty()) {
      terminal.err().print("\r" + CLEAR_TO_END);
    }
  }

  @Override
  public void close() {
    wipe();
    shown = "";
    terminal.err().flush();
  }
}
