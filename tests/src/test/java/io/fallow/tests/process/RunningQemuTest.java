package io.fallow.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.testkit.tools.RandomTree;
import io.fallow.testkit.tools.Scratch;
import io.fallow.testkit.tools.Tools;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A machine that runs keeps Fallow out, and Fallow at work keeps a machine out. */
class RunningQemuTest {

  @BeforeAll
  static void prepare() throws IOException {
    Tools.require("qemu-system-x86_64", "qemu-img", "mke2fs");
    Launcher.prepare();
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "qcow2"})
  void keepsTrimOut(String format) throws Exception {
    try (Scratch scratch = Scratch.onDisk()) {
      Path image = image(scratch, format);
      byte[] before = Files.readAllBytes(image);
      Process machine = machine(image, format).start();
      try (BufferedReader monitor = machine.inputReader()) {
        assertThat(monitor.readLine()).contains("QMP");
        Tools.Result trim = Launcher.run("trim", "--format", format, image);
        assertThat(trim.exit()).as(trim.describe()).isEqualTo(4);
        assertThat(trim.error()).contains("in use");
        Tools.Result scan = Launcher.run("scan", "--format", format, image);
        assertThat(scan.exit()).as(scan.describe()).isEqualTo(0);
        assertThat(scan.output() + scan.error()).contains("approximate");
      } finally {
        machine.destroy();
        machine.waitFor();
      }
      assertThat(Files.readAllBytes(image)).isEqualTo(before);
      Tools.Result trim = Launcher.run("trim", "--format", format, image);
      assertThat(trim.exit()).as(trim.describe()).isEqualTo(0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "qcow2"})
  void isKeptOut(String format) throws IOException {
    try (Scratch scratch = Scratch.onDisk()) {
      Path image = image(scratch, format);
      try (LinuxFile held = LinuxFile.open(image, Access.WRITE)) {
        assertThat(held.isLocked()).isTrue();
        Tools.Result result = Tools.attempt(machine(image, format));
        assertThat(result.exit()).isNotEqualTo(0);
        assertThat(result.error()).contains("lock");
      }
    }
  }

  private static Path image(Scratch scratch, String format) throws IOException {
    Path raw = scratch.path("disk.raw");
    Files.write(raw, RandomTree.noise(new Random(1), 8 << 20));
    Tools.run("mke2fs", "-q", "-F", "-t", "ext4", "-E", "nodiscard", raw);
    if (format.equals("raw")) {
      return raw;
    }
    Path image = scratch.path("disk." + format);
    Tools.run("qemu-img", "convert", "-f", "raw", "-O", format, raw, image);
    return image;
  }

  /** A machine that holds the disk and does not run; it greets once it has opened everything. */
  private static ProcessBuilder machine(Path image, String format) {
    return Tools.builder(
        "qemu-system-x86_64",
        "-S",
        "-accel",
        "tcg",
        "-nodefaults",
        "-display",
        "none",
        "-qmp",
        "stdio",
        "-drive",
        "if=virtio,format=%s,file=%s".formatted(format, image));
  }
}
