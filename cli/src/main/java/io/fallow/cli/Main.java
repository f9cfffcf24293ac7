package io.fallow.cli;

import io.fallow.cli.text.Terminal;

/** The process. */
public final class Main {

  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(run(Terminal.system(), arguments));
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
