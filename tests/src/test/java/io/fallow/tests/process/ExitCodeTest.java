package io.fallow.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.testkit.tools.RandomTree;
import io.fallow.testkit.tools.Scratch;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The exit codes that scripts rely on, each from its real cause. */
class ExitCodeTest {

  private static final int SIZE = 8 << 20;

  private Scratch scratch;
  private Path raw;

  @BeforeAll
  static void prepare() throws IOException {
    Tools.require("mke2fs", "debugfs", "qemu-img");
    Launcher.prepare();
  }

  @BeforeEach
  void makeImage() throws IOException {
    scratch = Scratch.onDisk();
    raw = scratch.path("disk.raw");
    Files.write(raw, RandomTree.noise(new Random(1), SIZE));
    Tools.run("mke2fs", "-q", "-F", "-t", "ext4", "-E", "nodiscard", raw);
  }

  @AfterEach
  void removeImage() throws IOException {
    scratch.close();
  }

  @Test
  void zeroWhenDone() throws IOException {
    Tools.Result result = Launcher.run("trim", raw);
    assertThat(result.exit()).as(result.describe()).isEqualTo(0);
    Tools.run("e2fsck", "-f", "-n", raw);
  }

  @Test
  void oneForACorruptImage() throws IOException {
    Path qcow2 = qcow2();
    byte[] bytes = Files.readAllBytes(qcow2);
    bytes[0x2f] = 1; // the L1 table begins in the middle of a cluster
    Files.write(qcow2, bytes);
    Tools.Result result = Launcher.run("trim", qcow2);
    assertThat(result.exit()).as(result.describe()).isEqualTo(1);
    assertThat(result.error()).contains("disk.qcow2").doesNotContain("\tat ");
    assertThat(Files.readAllBytes(qcow2)).isEqualTo(bytes);
  }

  @Test
  void twoForWrongUsage() throws IOException {
    Tools.Result result = Launcher.run("trim", "--no-such-option", raw);
    assertThat(result.exit()).as(result.describe()).isEqualTo(2);
  }

  @Test
  void threeForARefusedVolume() throws IOException {
    Tools.run("debugfs", "-w", "-R", "set_super_value state 0", raw);
    byte[] before = Files.readAllBytes(raw);
    Tools.Result result = Launcher.run("trim", raw);
    assertThat(result.exit()).as(result.describe()).isEqualTo(3);
    assertThat(result.output() + result.error()).contains("e2fsck");
    assertThat(Files.readAllBytes(raw)).isEqualTo(before);
  }

  @Test
  void fourWhileAnotherProcessHoldsTheImage() throws IOException {
    try (LinuxFile held = LinuxFile.open(raw, Access.WRITE)) {
      assertThat(held.isLocked()).isTrue();
      Tools.Result result = Launcher.run("trim", raw);
      assertThat(result.exit()).as(result.describe()).isEqualTo(4);
    }
  }

  @Test
  void fiveWhereTheHostCannotGiveSpaceBack() throws IOException {
    Tools.requireRoot();
    Path folder = Files.createDirectory(scratch.path("ramfs"));
    Tools.run("mount", "-t", "ramfs", "none", folder);
    try {
      Path image = folder.resolve("disk.raw");
      Files.copy(raw, image);
      Tools.Result result = Launcher.run("trim", image);
      assertThat(result.exit()).as(result.describe()).isEqualTo(5);
      assertThat(Files.mismatch(raw, image)).isEqualTo(-1);
    } finally {
      Tools.run("umount", folder);
    }
  }

  private Path qcow2() throws IOException {
    Path qcow2 = scratch.path("disk.qcow2");
    Tools.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, qcow2);
    return qcow2;
  }
}
