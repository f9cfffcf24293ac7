package io.fallow.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.testkit.tools.LoopMount;
import io.fallow.testkit.tools.Mkfs;
import io.fallow.testkit.tools.RandomTree;
import io.fallow.testkit.tools.Scratch;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SIGKILL at random moments of a trim. Whatever the moment: no corruption and at worst leaked
 * clusters by {@code qemu-img check}, every used byte as before, and the next trim finishes the
 * work.
 */
class KilledTrimTest {

  private static final int KILLS = 100;
  private static final int BLOCK = 4096;

  private static Scratch scratch;
  private static Path base;
  private static Path trimmed;
  private static Path baseRaw;
  private static Path trimmedRaw;

  @BeforeAll
  static void makeImages() throws IOException {
    Tools.requireRoot();
    Tools.require("qemu-img", "mke2fs", "cp");
    Launcher.prepare();
    scratch = Scratch.inMemory();
    baseRaw = scratch.path("base.raw");
    Mkfs mkfs =
        new Mkfs("ext4", 48 << 20, true, List.of("mke2fs", "-q", "-F", "-E", "nodiscard"), "");
    assertThat(mkfs.make(baseRaw, 1)).isTrue();
    try (LoopMount mount = LoopMount.of(scratch, baseRaw, "")) {
      // Holes everywhere between what stays, so that there is much to do.
      for (int file = 0; file < 1500; file++) {
        Files.write(
            mount.root().resolve("f" + file), RandomTree.noise(new Random(file), 3 * BLOCK));
      }
      for (int file = 0; file < 1500; file += 2) {
        Files.delete(mount.root().resolve("f" + file));
      }
    }
    base = scratch.path("base.qcow2");
    Tools.run(
        "qemu-img",
        "convert",
        "-O",
        "qcow2",
        "-o",
        "cluster_size=4096",
        "-f",
        "raw",
        baseRaw,
        base);
    trimmed = scratch.path("trimmed.qcow2");
    copy(base, trimmed);
    Tools.Result whole = Launcher.run("trim", trimmed);
    assertThat(whole.exit()).as(whole.describe()).isEqualTo(0);
    trimmedRaw = scratch.path("trimmed.raw");
    convert(trimmed, trimmedRaw);
  }

  @AfterAll
  static void removeImages() throws IOException {
    if (scratch != null) {
      scratch.close();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void leavesAValidImage(boolean afterTheFirstWrite) throws Exception {
    Random random = new Random(afterTheFirstWrite ? 1 : 2);
    Path victim = scratch.path("victim.qcow2");
    int inTheMiddle = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      copy(base, victim);
      killDuringTrim(victim, afterTheFirstWrite, random);
      if (Files.mismatch(victim, base) >= 0 && Files.mismatch(victim, trimmed) >= 0) {
        inTheMiddle++;
      }
      proveValid(victim);
      if (kill % 10 == 0) {
        proveFinishable(victim);
      }
    }
    if (afterTheFirstWrite) {
      assertThat(inTheMiddle).as("kills between the first change and the last").isPositive();
    }
  }

  /** The moment is random; what is asserted of the image does not depend on where it falls. */
  private static void killDuringTrim(Path victim, boolean afterTheFirstWrite, Random random)
      throws Exception {
    FileTime untouched = Files.getLastModifiedTime(victim);
    Process process =
        Launcher.builder("trim", victim)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (afterTheFirstWrite) {
      while (process.isAlive() && Files.getLastModifiedTime(victim).equals(untouched)) {
        Thread.onSpinWait();
      }
      long moment = System.nanoTime() + random.nextLong(TimeUnit.MILLISECONDS.toNanos(60));
      while (process.isAlive() && System.nanoTime() < moment) {
        Thread.onSpinWait();
      }
    } else {
      process.waitFor(random.nextInt(700), TimeUnit.MILLISECONDS);
    }
    process.destroyForcibly().waitFor();
  }

  private static void proveValid(Path victim) throws IOException {
    Tools.Result check = Tools.attempt("qemu-img", "check", "-f", "qcow2", victim);
    assertThat(check.exit()).as(check.describe()).isIn(0, 3);
    Path raw = scratch.path("victim.raw");
    convert(victim, raw);
    byte[] was = new byte[BLOCK];
    byte[] may = new byte[BLOCK];
    byte[] is = new byte[BLOCK];
    try (RandomAccessFile before = new RandomAccessFile(baseRaw.toFile(), "r");
        RandomAccessFile after = new RandomAccessFile(trimmedRaw.toFile(), "r");
        RandomAccessFile now = new RandomAccessFile(raw.toFile(), "r")) {
      assertThat(now.length()).isEqualTo(before.length());
      for (long at = 0; at < before.length(); at += BLOCK) {
        before.readFully(was);
        after.readFully(may);
        now.readFully(is);
        assertThat(Arrays.equals(is, was) || Arrays.equals(is, may))
            .as("guest block at 0x%x", at)
            .isTrue();
      }
    }
  }

  private static void proveFinishable(Path victim) throws IOException {
    Tools.Result again = Launcher.run("trim", victim);
    assertThat(again.exit()).as(again.describe()).isEqualTo(0);
    Tools.run("qemu-img", "check", "-f", "qcow2", victim);
    Tools.run("qemu-img", "compare", "-f", "qcow2", "-F", "qcow2", trimmed, victim);
    assertThat(Files.size(victim)).isLessThanOrEqualTo(Files.size(trimmed));
  }

  private static void convert(Path qcow2, Path raw) throws IOException {
    Tools.run("qemu-img", "convert", "-f", "qcow2", "-O", "raw", qcow2, raw);
  }

  private static void copy(Path from, Path to) throws IOException {
    Tools.run("cp", "--sparse=auto", "--reflink=never", from, to);
  }
}
