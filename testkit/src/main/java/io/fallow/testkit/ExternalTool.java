package io.fallow.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Another program that has the same opinion, or should have. */
public final class ExternalTool {

  private final String name;

  private ExternalTool(String name) {
    this.name = name;
  }

  /**
   * A program on the path, or one named by its own path. Where it is missing, the test is skipped,
   * and fails if the environment variable {@code CI} is {@code true}.
   */
  public static ExternalTool require(String name) {
    File file = new File(name);
    boolean found = file.isAbsolute() && file.canExecute();
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      found |= new File(folder, name).canExecute();
    }
    if ("true".equals(System.getenv("CI"))) {
      assertThat(found).as("%s is installed", name).isTrue();
    }
    assumeTrue(found, name + " is not installed");
    return new ExternalTool(name);
  }

  /**
   * What a run left.
   *
   * @param exit the exit code
   * @param output both of its streams
   */
  public record Result(int exit, String output) {}

  /** Runs it to its end. */
  public Result run(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(name));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (InputStream stream = process.getInputStream()) {
      process.getOutputStream().close();
      String output = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), output);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + name + " ran", e);
    }
  }
}
