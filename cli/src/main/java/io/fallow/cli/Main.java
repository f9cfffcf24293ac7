package io.fallow.cli;

import io.fallow.cli.text.Terminal;

/** The process. */
public final class Main {

  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] arguments) {
    int code = run(Terminal.system(), arguments);
    if (code != 0) {
      // Only then: it looks for loggers to tell of the exit, which takes a while.
      System.exit(code);
    }
  }

  /** Runs one command on a terminal; returns the exit code. */
  public static int run(Terminal terminal, String... arguments) {
    String first = arguments.length == 0 ? "" : arguments[0];
    int code = Fallow.on(terminal, first).execute(arguments);
    terminal.out().flush();
    terminal.err().flush();
    return code;
  }
}
