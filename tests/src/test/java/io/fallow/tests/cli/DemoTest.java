package io.fallow.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demonstration as a process. */
final class DemoTest {

  @TempDir private Path directory;

  @Test
  void leavesNothingBehind() throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "--enable-native-access=ALL-UNNAMED",
                    "-Djava.io.tmpdir=" + directory,
                    "-XX:-UsePerfData",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "io.fallow.cli.Main",
                    "demo"))
            .start();
    Program demo = Program.finish(process);
    assertThat(demo.err()).isEmpty();
    assertThat(demo.code()).isZero();
    assertThat(demo.out()).contains("BEFORE").contains("are unchanged");
    assertThat(directory).isEmptyDirectory();
  }
}
