package io.fallow.cli;

import io.fallow.cli.text.Terminal;
import io.fallow.device.HostFile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import picocli.CommandLine;

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
    return collect(out, err, Main.run(terminal, words));
  }

  /** {@code trim} without a terminal, with something between each image and its file. */
  static Run trimThrough(UnaryOperator<HostFile> storage, Object... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal = new Terminal(stream(out), stream(err), false, false, false, true, 100);
    String[] words = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
    int code = new CommandLine(new TrimCommand(terminal, storage).spec()).execute(words);
    return collect(out, err, code);
  }

  private static Run collect(ByteArrayOutputStream out, ByteArrayOutputStream err, int code) {
    return new Run(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream stream(ByteArrayOutputStream target) {
    return new PrintStream(target, true, StandardCharsets.UTF_8);
  }
}
