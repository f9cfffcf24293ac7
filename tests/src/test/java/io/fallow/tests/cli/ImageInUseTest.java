package io.fallow.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.testkit.tools.Tools;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands while a real QEMU has the image open for writing, and QEMU while Fallow has. */
final class ImageInUseTest {

  @TempDir private Path directory;

  private Path image;

  @BeforeEach
  void create() throws IOException {
    Tools.require("qemu-io", "qemu-img");
    image = directory.resolve("a disk.qcow2");
    Tools.run("qemu-img", "create", "-q", "-f", "qcow2", image, "64M");
  }

  @Test
  void scanIsApproximateAndTrimStandsBack() throws Exception {
    Process writer = new ProcessBuilder("qemu-io", image.toString()).start();
    try (BufferedReader answers = writer.inputReader();
        Writer commands = writer.outputWriter()) {
      commands.write("write -P 90 0 64k\n");
      commands.flush();
      String answer = answers.readLine();
      while (answer != null && !answer.contains("wrote 65536/65536")) {
        answer = answers.readLine();
      }
      assertThat(answer).isNotNull();
      byte[] before = Files.readAllBytes(image);

      Program scan = Program.fallow("scan", "--ignore", "disk", image);
      assertThat(scan.err()).isEmpty();
      assertThat(scan.code()).isZero();
      assertThat(scan.out()).contains("approximate").doesNotContain("fallow trim");
      assertThat(Program.fallow("scan", "--json", image).out())
          .containsIgnoringWhitespaces("\"inUse\":true")
          .containsIgnoringWhitespaces("\"approximate\":true");

      for (String command : new String[] {"trim", "check"}) {
        Program refused = Program.fallow(command, "--json", image);
        assertThat(refused.code()).isEqualTo(4);
        assertThat(refused.err())
            .hasLineCount(1)
            .contains("another process is writing it")
            .contains("Shut the guest down first");
        assertThat(refused.out()).containsIgnoringWhitespaces("{\"code\":4,\"kind\":\"in-use\",");
      }
      assertThat(Program.fallow("info", image).out()).contains("another process has it open");
      assertThat(Files.readAllBytes(image)).isEqualTo(before);
      commands.write("quit\n");
      commands.flush();
      assertThat(writer.waitFor()).isZero();
    } finally {
      writer.destroyForcibly().waitFor();
    }
    assertThat(Program.fallow("check", image).code()).isZero();
  }

  @Test
  void qemuStandsBackWhileFallowHoldsIt() throws IOException {
    try (LinuxFile held = LinuxFile.open(image, Access.WRITE)) {
      assertThat(held.isLocked()).isTrue();
      Tools.Result refused = Tools.attempt("qemu-io", "-c", "read 0 512", image);
      assertThat(refused.exit()).isNotZero();
      assertThat(refused.all()).contains("Failed to get \"write\" lock");
      // And so does another Fallow.
      assertThat(Program.fallow("trim", image).code()).isEqualTo(4);
    }
  }
}
