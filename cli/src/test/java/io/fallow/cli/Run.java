package io.fallow.cli;

import io.fallow.cli.text.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * One run of the program in this process.
 *
 * @param code the exit code
 * @param out what it printed
 * @param err what it complained of
 */
record Run(int code, String out, String err) {

  static Run of(Object... arguments) {
    return on(false, arguments);
  }

  /** On a terminal of 100 columns with colours. */
  static Run inTerminal(Object... arguments) {
    return on(true, arguments);
  }

  private static Run on(boolean isTerminal, Object... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    Terminal terminal =
        new Terminal(stream(out), stream(err), isTerminal, isTerminal, isTerminal, true, 100);
    int code = Main.run(terminal, words);
    return new Run(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream stream(ByteArrayOutputStream target) {
    return new PrintStream(target, true, StandardCharsets.UTF_8);
  }
}
