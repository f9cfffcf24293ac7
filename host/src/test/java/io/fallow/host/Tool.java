package io.fallow.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** External programs that tests run. One that is missing skips the test, and fails it in CI. */
final class Tool {

  private Tool() {}

  /** What a program printed, and how it ended. */
  record Result(int exit, String output) {}

  /** Skips the test, or fails it in CI, unless {@code condition} holds. */
  static void require(boolean condition, String what) {
    if ("true".equals(System.getenv("CI"))) {
      assertThat(condition).as(what).isTrue();
    }
    assumeTrue(condition, what);
  }

  /** Skips the test unless it may mount filesystems. */
  static void requireRoot() {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
  }

  /** Runs a program to its end. */
  static Result run(String... command) throws IOException, InterruptedException {
    Process process = start(command);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  /** Runs a program that must succeed. */
  static String ok(String... command) throws IOException, InterruptedException {
    Result result = run(command);
    assertThat(result.exit()).as(List.of(command) + ": " + result.output()).isZero();
    return result.output();
  }

  /** Starts a program; its errors come with its output. */
  static Process start(String... command) throws IOException {
    require(isPresent(command[0]), "needs " + command[0]);
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Reads a program's lines up to one that contains {@code expected}. */
  static void await(BufferedReader output, String expected) throws IOException {
    StringBuilder seen = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      seen.append(line).append('\n');
      if (line.contains(expected)) {
        return;
      }
    }
    throw new AssertionError("ended without printing «%s»:%n%s".formatted(expected, seen));
  }

  private static boolean isPresent(String program) {
    String path = System.getenv("PATH") + ":/usr/sbin:/sbin";
    return Pattern.compile(Pattern.quote(File.pathSeparator))
        .splitAsStream(path)
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }
}
