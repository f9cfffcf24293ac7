package io.fallow.tests.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.extent.ExtentSet;
import io.fallow.testkit.tools.FreeMap;
import io.fallow.testkit.tools.HostMap;
import io.fallow.testkit.tools.Mkfs;
import io.fallow.testkit.tools.RandomTree;
import io.fallow.testkit.tools.Scratch;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layouts that not every kernel mounts, filled by their makers and judged by their own tools. */
class ToolProofTest {

  @BeforeAll
  static void tools() {
    Tools.require("mke2fs", "e2fsck", "dumpe2fs", "debugfs", "mkfs.xfs", "xfs_repair", "xfs_db");
    Tools.require("qemu-img", "cp");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-b 8192",
        "-b 16384 -O ^metadata_csum",
        "-b 32768 -O ^has_journal",
        "-b 65536",
        "-b 65536 -O ^flex_bg,meta_bg,^resize_inode",
        "-b 8192 -O bigalloc -C 65536",
        "-b 1024 -O ^has_journal -r 0 -O none",
        "-b 4096 -O none"
      })
  void ext(String options) throws IOException {
    try (Scratch scratch = Scratch.inMemory()) {
      Path files = Files.createDirectory(scratch.path("files"));
      RandomTree.grow(files, new Random(3));
      List<String> command = List.of("sh", "-c", maker(options, files), "mke2fs");
      Mkfs mkfs = new Mkfs("ext4", 60L << 20, true, command, "");
      Path image = scratch.path("fs.raw");
      assertThat(mkfs.make(image, 1)).isTrue();
      ExtentSet free = FreeMap.of("ext4", image);
      assertThat(prove(image, mkfs)).isEqualTo(free);
    }
  }

  private static String maker(String options, Path files) {
    return "mke2fs -q -F -t ext4 -E nodiscard %s -d %s \"$1\"".formatted(options, files);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-m crc=0",
        "-m crc=0 -b size=512",
        "-m crc=0 -b size=1024 -i size=256",
        "-m crc=0 -b size=16384 -s size=4096",
        "-m crc=0,finobt=0 -n version=ci",
        "-m crc=0 -l version=1",
        "-m crc=1 -n version=ci",
        "-m crc=1 -b size=16384",
        "-m crc=1 -d agcount=3"
      })
  void xfs(String options) throws IOException {
    try (Scratch scratch = Scratch.inMemory()) {
      Path file = scratch.path("content");
      Files.write(file, RandomTree.noise(new Random(4), 3_000_000));
      Path prototype = scratch.path("prototype");
      Files.writeString(
          prototype,
          "x\n1 1\nd--755 0 0\na ---644 0 0 %s\nb d--755 0 0\nc ---644 0 0 %s\n$\n$\n"
              .formatted(file, file));
      List<String> command =
          List.of(
              "sh",
              "-c",
              "mkfs.xfs --unsupported -q -f -K -p " + prototype + " " + options + " \"$1\"",
              "mkfs");
      Mkfs mkfs = new Mkfs("xfs", 64L << 20, true, command, "");
      Path image = scratch.path("fs.raw");
      assertThat(mkfs.make(image, 1)).isTrue();
      ExtentSet free = FreeMap.of("xfs", image);
      ExtentSet found = prove(image, mkfs);
      assertThat(found.subtract(free)).isEmpty();
      // The blocks of each group's free list stay in use.
      assertThat(found.total() * 100).isGreaterThanOrEqualTo(free.total() * 99);
    }
  }

  /** Trims and checks; returns what was called free. */
  private static ExtentSet prove(Path image, Mkfs mkfs) throws IOException {
    mkfs.check(image);
    ExtentSet before = HostMap.data(image, "raw");
    Product.Trimmed outcome = Product.trim(image, "raw");
    assertThat(outcome.refusals()).isEmpty();
    assertThat(before.subtract(HostMap.data(image, "raw"))).isEqualTo(outcome.releasable());
    mkfs.check(image);
    return outcome.free();
  }
}
