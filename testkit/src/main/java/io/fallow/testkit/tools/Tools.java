package io.fallow.testkit.tools;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * Runs programs that are installed on this machine.
 *
 * <p>A test asks for what it needs first. Where that is missing, the test is skipped with a
 * message; under continuous integration (environment variable {@code CI} set to {@code true}) it
 * fails instead, so that nothing is ever left unproven there.
 */
public final class Tools {

  /** Only ends a program that hangs; no result depends on it. */
  private static final long GUARD_SECONDS = 300;

  private Tools() {}

  /**
   * What a program left behind.
   *
   * @param command the program and its arguments
   * @param exit its exit code
   * @param output what it wrote to its standard output
   * @param error what it wrote to its standard error
   */
  public record Result(List<String> command, int exit, String output, String error) {

    /** Both streams, one after the other. */
    public String all() {
      return output + error;
    }

    /** Both streams and the exit code, for messages. */
    public String describe() {
      return "%s%nexit code %d%n%s%s".formatted(String.join(" ", command), exit, output, error);
    }
  }

  /**
   * Runs a program that has to succeed.
   *
   * @throws AssertionError if its exit code is not 0
   */
  public static Result run(Object... command) throws IOException {
    Result result = attempt(command);
    if (result.exit() != 0) {
      throw new AssertionError(result.describe());
    }
    return result;
  }

  /** Runs a program that may fail. Arguments are turned into text; lists are flattened. */
  public static Result attempt(Object... command) throws IOException {
    return attempt(builder(command));
  }

  /** A program that has not been started yet, with the C locale and the system folders in PATH. */
  public static ProcessBuilder builder(Object... command) {
    List<String> words = new ArrayList<>();
    for (Object word : command) {
      if (word instanceof List<?> list) {
        list.forEach(part -> words.add(part.toString()));
      } else {
        words.add(word.toString());
      }
    }
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().put("LC_ALL", "C");
    builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
    return builder;
  }

  /** Runs a prepared program that may fail. */
  public static Result attempt(ProcessBuilder builder) throws IOException {
    List<String> command = resolve(builder.command());
    Process process = builder.command(command).start();
    process.getOutputStream().close();
    CompletableFuture<String> error = CompletableFuture.supplyAsync(() -> drainError(process));
    CompletableFuture<Void> guard =
        CompletableFuture.runAsync(
            process::destroyForcibly,
            CompletableFuture.delayedExecutor(GUARD_SECONDS, TimeUnit.SECONDS));
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(command, process.waitFor(), output, error.join());
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while running " + command, e);
    } finally {
      guard.cancel(true);
    }
  }

  /** Starts a program to talk with; its errors come with its output. Without it, see the class. */
  public static Process start(Object... command) throws IOException {
    ProcessBuilder builder = builder(command);
    require(builder.command().getFirst());
    return builder.command(resolve(builder.command())).redirectErrorStream(true).start();
  }

  /** Reads a program's lines up to one that contains {@code expected}. */
  public static void await(BufferedReader output, String expected) throws IOException {
    StringBuilder seen = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      seen.append(line).append('\n');
      if (line.contains(expected)) {
        return;
      }
    }
    throw new AssertionError("ended without printing «%s»:%n%s".formatted(expected, seen));
  }

  private static String drainError(Process process) {
    try {
      return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether this run must not skip anything. */
  public static boolean isContinuousIntegration() {
    return "true".equals(System.getenv("CI"));
  }

  /** Demands programs by name; see the class for what happens without them. */
  public static void require(String... programs) {
    List<String> missing = Arrays.stream(programs).filter(name -> find(name) == null).toList();
    require(missing.isEmpty(), "missing programs: " + String.join(", ", missing));
  }

  /** Demands the right to attach loop devices and to mount. */
  public static void requireRoot() {
    require("mount", "umount", "losetup");
    boolean root = "root".equals(System.getProperty("user.name"));
    require(root && Files.exists(Path.of("/dev/loop-control")), "mounting needs root");
  }

  /** Demands any other condition. */
  public static void require(boolean condition, String otherwise) {
    if (!condition && isContinuousIntegration()) {
      throw new AssertionError(otherwise + " (nothing may be skipped when CI is true)");
    }
    Assumptions.assumeTrue(condition, otherwise);
  }

  private static List<String> resolve(List<String> command) {
    Path found = find(command.getFirst());
    if (found == null) {
      return command;
    }
    List<String> resolved = new ArrayList<>(command);
    resolved.set(0, found.toString());
    return resolved;
  }

  /** Where a program is, or null. Folders of system programs count even if PATH lacks them. */
  private static @Nullable Path find(String program) {
    if (program.contains("/")) {
      return Path.of(program);
    }
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin";
    for (String folder : path.split(":")) {
      Path candidate = Path.of(folder, program);
      if (!folder.isEmpty() && Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    return null;
  }
}
