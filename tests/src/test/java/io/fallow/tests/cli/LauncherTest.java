package io.fallow.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first use where something is missing: one line that says what, and exit code 1. */
final class LauncherTest {

  private static final Path SOURCES = Path.of("..");

  /** What the scripts run besides a JDK and Maven. */
  private static final List<String> TOOLS =
      List.of(
          "sh",
          "cat",
          "cp",
          "find",
          "flock",
          "mkdir",
          "mktemp",
          "mv",
          "readlink",
          "rm",
          "sed",
          "stty",
          "touch");

  @TempDir private Path directory;

  private Path home;
  private Path bin;

  @BeforeEach
  void copyTheScripts() throws IOException {
    home = directory.resolve("the sources");
    bin = Files.createDirectories(directory.resolve("bin"));
    Path launcher = Files.createDirectories(home.resolve("cli/src/launcher"));
    Files.copy(SOURCES.resolve("fallow"), home.resolve("fallow"));
    String prepare = Files.readString(SOURCES.resolve("cli/src/launcher/prepare.sh"));
    // Hides the JDKs that this machine has in the usual places.
    String elsewhere = prepare.replace(" /usr/", " /nowhere/").replace(" /opt/", " /nowhere/");
    assertThat(elsewhere).isNotEqualTo(prepare);
    Files.writeString(launcher.resolve("prepare.sh"), elsewhere);
    for (String tool : TOOLS) {
      Path target = Path.of("/usr/bin").resolve(tool);
      if (Files.exists(target)) {
        script(bin.resolve(tool), "exec " + target + " \"$@\"");
      }
    }
  }

  private Program run(String javaHome) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", home.resolve("fallow").toString(), "--version");
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.putAll(
        Map.of("PATH", bin.toString(), "HOME", directory.toString(), "JAVA_HOME", javaHome));
    return Program.finish(builder.start());
  }

  private void script(Path path, String content) throws IOException {
    Files.createDirectories(directory.resolve(path).getParent());
    Files.writeString(directory.resolve(path), "#!/bin/sh\n" + content + "\n");
    assertThat(directory.resolve(path).toFile().setExecutable(true)).isTrue();
  }

  private String jdk(String version) throws IOException {
    Path jdk = directory.resolve("jdk " + version);
    script(jdk.resolve("bin/java"), "exit 0");
    script(jdk.resolve("bin/javac"), "exit 0");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return jdk.toString();
  }

  @Test
  void withoutAJdk() throws IOException {
    Program run = run("");
    assertThat(run)
        .isEqualTo(
            new Program(
                1,
                "",
                "fallow: a JDK of version 25.0.3 or later is needed; install one (adoptium.net) or"
                    + " set JAVA_HOME\n"));
  }

  @Test
  void withAJdkThatIsTooOld() throws IOException {
    for (String version : List.of("21.0.5", "25", "25.0.2", "25.0.2.1")) {
      Program run = run(jdk(version));
      assertThat(run.code()).as(version).isEqualTo(1);
      assertThat(run.err()).as(version).hasLineCount(1).contains("a JDK of version 25.0.3");
    }
  }

  @Test
  void withoutMaven() throws IOException {
    for (String version : List.of("25.0.3", "25.0.10", "26.0.1")) {
      assertThat(run(jdk(version)))
          .isEqualTo(
              new Program(
                  1,
                  "",
                  "fallow: Maven 3.8.7 or later is needed to build Fallow; install it (apt-get"
                      + " install maven)\n"));
    }
  }

  @Test
  void aBuildThatFailsNamesItsLog() throws IOException {
    script(bin.resolve("mvn"), "echo the reason; exit 1");
    Program run = run(jdk("25.0.3"));
    Path log = home.resolve("cli/target/prepare.log");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo(
            "fallow: building, this takes about a minute\nfallow: the build failed; "
                + log
                + " says why\n");
    assertThat(log).hasContent("the reason\n");
  }
}
