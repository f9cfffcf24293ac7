package io.fallow.tests.process;

import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The {@code fallow} script at the root of the source tree. */
final class Launcher {

  private static final Path SCRIPT = find();

  private Launcher() {}

  /** Lets the script build what it runs, so that no test waits for that. */
  static void prepare() throws IOException {
    Tools.run(SCRIPT, "--version");
  }

  /** Runs the command to its end. */
  static Tools.Result run(Object... arguments) throws IOException {
    return Tools.attempt(builder(arguments));
  }

  /**
   * The command, not yet started. The script replaces itself by the program, so signals reach it.
   */
  static ProcessBuilder builder(Object... arguments) {
    ProcessBuilder builder = Tools.builder(arguments);
    builder.command().addFirst(SCRIPT.toString());
    return builder;
  }

  private static Path find() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isExecutable(folder.resolve("fallow"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new IllegalStateException("no script \"fallow\" above " + Path.of("").toAbsolutePath());
    }
    return folder.resolve("fallow");
  }
}
