package io.fallow.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.testkit.tools.LoopMount;
import io.fallow.testkit.tools.Mkfs;
import io.fallow.testkit.tools.RandomTree;
import io.fallow.testkit.tools.Scratch;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * SIGKILL at random moments of a trim. Whatever the moment: no corruption and at worst leaked
 * clusters by {@code qemu-img check}, every used byte as before, and the next trim finishes the
 * work.
 */
class KilledTrimTest {

  private static final int KILLS = 100;

  /** Of the kills that are aimed at the changes, so many must hit; until then there are more. */
  private static final int AMIDST = 20;

  /** A second trim takes as long as the first one: not after every kill. */
  private static final int EACH_TO_FINISH = 5;

  private static final int MOST_KILLS = 3 * KILLS;
  private static final long SHORTEST_SPAN = TimeUnit.MICROSECONDS.toNanos(100);
  private static final long LONGEST_SPAN = TimeUnit.MILLISECONDS.toNanos(60);
  private static final int BLOCK = 4096;

  private static Scratch scratch;
  private static Path base;
  private static Path trimmed;
  private static Path victim;
  private static byte[] before = {};
  private static byte[] after = {};

  @BeforeAll
  static void makeImages() throws IOException {
    Tools.requireRoot();
    Tools.require("qemu-img", "mke2fs", "cp");
    Launcher.prepare();
    scratch = Scratch.inMemory();
    Path baseRaw = scratch.path("base.raw");
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
    Path trimmedRaw = scratch.path("trimmed.raw");
    convert(trimmed, trimmedRaw);
    victim = scratch.path("victim.qcow2");
    before = Files.readAllBytes(baseRaw);
    after = Files.readAllBytes(trimmedRaw);
  }

  @AfterAll
  static void removeImages() throws IOException {
    if (scratch != null) {
      scratch.close();
    }
  }

  /** Anywhere from the start of the process to its end, most of which is reading and planning. */
  @Test
  void leavesAValidImageAtAnyMoment() throws Exception {
    Random random = new Random(2);
    for (int kill = 0; kill < KILLS; kill++) {
      killAfter(false, TimeUnit.MILLISECONDS.toNanos(random.nextInt(700)));
      proveValid();
      if (kill % EACH_TO_FINISH == 0) {
        proveFinishable();
      }
    }
  }

  /**
   * While the space is being released. How long that takes is up to the machine: the moments are
   * drawn from a span that follows what the kills before this one met.
   */
  @Test
  void leavesAValidImageAmongTheChanges() throws Exception {
    Random random = new Random(1);
    long span = LONGEST_SPAN;
    int amidst = 0;
    for (int kill = 0; kill < KILLS || (amidst < AMIDST && kill < MOST_KILLS); kill++) {
      killAfter(true, random.nextLong(span));
      boolean finished = Files.mismatch(victim, trimmed) < 0;
      if (!finished && Files.mismatch(victim, base) >= 0) {
        amidst++;
      }
      span =
          finished ? Math.max(span * 3 / 4, SHORTEST_SPAN) : Math.min(span * 4 / 3, LONGEST_SPAN);
      proveValid();
      if (kill % EACH_TO_FINISH == 0) {
        proveFinishable();
      }
    }
    assertThat(amidst)
        .as("kills between the first change and the last")
        .isGreaterThanOrEqualTo(AMIDST);
  }

  /**
   * Kills a trim of a fresh copy, so long after its start or its first change; what is asserted of
   * the image holds whatever the moment.
   */
  private static void killAfter(boolean firstChange, long nanos) throws Exception {
    copy(base, victim);
    FileTime untouched = Files.getLastModifiedTime(victim);
    Process process =
        Launcher.builder("trim", victim)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    while (firstChange
        && process.isAlive()
        && Files.getLastModifiedTime(victim).equals(untouched)) {
      Thread.onSpinWait();
    }
    process.waitFor(nanos, TimeUnit.NANOSECONDS);
    process.destroyForcibly().waitFor();
  }

  private static void proveValid() throws IOException {
    Tools.Result check = Tools.attempt("qemu-img", "check", "-f", "qcow2", victim);
    assertThat(check.exit()).as(check.describe()).isIn(0, 3);
    Path raw = scratch.path("victim.raw");
    convert(victim, raw);
    byte[] now = Files.readAllBytes(raw);
    assertThat(now).hasSameSizeAs(before);
    for (int at = 0; at < now.length; at += BLOCK) {
      int end = at + BLOCK;
      assertThat(
              Arrays.equals(now, at, end, before, at, end)
                  || Arrays.equals(now, at, end, after, at, end))
          .as("guest block at 0x%x", at)
          .isTrue();
    }
  }

  private static void proveFinishable() throws IOException {
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
