package io.fallow.tests.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process, its exit code and what it printed. */
record Program(int code, String out, String err) {

  /** Runs Fallow in a process of its own. */
  static Program fallow(Object... arguments) throws IOException {
    return finish(start(arguments));
  }

  /** The command that runs Fallow's classes with this JDK. */
  static Process start(Object... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.fallow.cli.Main"));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return new ProcessBuilder(command).start();
  }

  /** Waits for a process of any program; its error stream must be small. */
  static Program finish(Process process) throws IOException {
    process.getOutputStream().close();
    try (InputStream out = process.getInputStream();
        InputStream err = process.getErrorStream()) {
      String printed = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      String complained = new String(err.readAllBytes(), StandardCharsets.UTF_8);
      return new Program(process.waitFor(), printed, complained);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
