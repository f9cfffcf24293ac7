package io.fallow.tests.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.format.Content;
import io.fallow.format.FileSystem;
import io.fallow.fs.ext.ExtFormat;
import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.testkit.tools.Scratch;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random layouts with real files in them: what is free is exactly what dumpe2fs lists. */
class ExtDifferentialTest {

  private static final int FILESYSTEMS = 60;
  private static final int ATTEMPTS = 400;
  private static final List<String> TOGGLED =
      List.of(
          "64bit",
          "metadata_csum",
          "metadata_csum_seed",
          "uninit_bg",
          "flex_bg",
          "meta_bg",
          "sparse_super",
          "sparse_super2",
          "resize_inode",
          "has_journal",
          "extent",
          "huge_file",
          "dir_nlink",
          "extra_isize",
          "dir_index",
          "ext_attr",
          "large_file",
          "filetype",
          "inline_data",
          "ea_inode",
          "project",
          "encrypt",
          "verity",
          "casefold",
          "large_dir",
          "stable_inodes",
          "orphan_file",
          "fast_commit",
          "mmp");

  @Test
  void freeIsWhatDumpe2fsLists() throws IOException {
    E2fsprogs.require();
    try (Scratch scratch = Scratch.inMemory()) {
      compareWithDumpe2fs(scratch.folder());
    }
  }

  private static void compareWithDumpe2fs(Path directory) throws IOException {
    Random random = new Random(20251121);
    Path tree = tree(directory.resolve("tree"), random);
    int compared = 0;
    for (int attempt = 0; attempt < ATTEMPTS && compared < FILESYSTEMS; attempt++) {
      Path image = directory.resolve("image");
      List<String> command = command(random, tree, image);
      if (make(image, command, random)) {
        compare(image, command);
        compared++;
      }
    }
    assertThat(compared).isEqualTo(FILESYSTEMS);
  }

  private static void compare(Path image, List<String> command) throws IOException {
    try (LinuxFile file = LinuxFile.open(image, Access.READ)) {
      ExtFormat format = new ExtFormat();
      assertThat(format.recognise(file)).as("%s", command).isPresent();
      Content content = format.open(file);
      assertThat(content).as("%s", command).isInstanceOf(FileSystem.class);
      assertThat(((FileSystem) content).free()).as("%s", command).isEqualTo(E2fsprogs.free(image));
      assertThat(((FileSystem) content).crossCheck()).as("%s", command).isEmpty();
    }
  }

  /** Whether mke2fs accepted the options, the files fitted, and e2fsck finds it clean. */
  private static boolean make(Path image, List<String> command, Random random) throws IOException {
    Files.deleteIfExists(image);
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength((4L << 20) + random.nextInt(300 << 20) / 1024 * 1024L);
    }
    if (Tools.attempt(command).exit() != 0) {
      return false;
    }
    List<String> deletes = new ArrayList<>();
    for (int number = random.nextInt(4); number < 30; number += 1 + random.nextInt(6)) {
      deletes.add("rm file" + number);
    }
    Path script = Files.write(image.resolveSibling("deletes"), deletes);
    Tools.attempt("debugfs", "-w", "-f", script.toString(), image.toString());
    return Tools.attempt("e2fsck", "-fn", image.toString()).exit() == 0;
  }

  private static List<String> command(Random random, Path tree, Path image) {
    List<String> command = new ArrayList<>(List.of("mke2fs", "-q", "-F"));
    command.addAll(List.of("-t", pick(random, "ext2", "ext3", "ext4", "ext4", "ext4")));
    int logBlock = pick(random, 0, 0, 1, 2, 2, 2, 3, 4, 6);
    command.addAll(List.of("-b", String.valueOf(1024 << logBlock)));
    List<String> features = new ArrayList<>();
    for (String feature : TOGGLED) {
      if (random.nextInt(6) == 0) {
        features.add((random.nextBoolean() ? "" : "^") + feature);
      }
    }
    if (random.nextInt(5) == 0) {
      features.add("bigalloc");
      command.addAll(List.of("-C", String.valueOf(1024 << (logBlock + 1 + random.nextInt(6)))));
    } else if (random.nextInt(2) == 0) {
      int most = Math.min(8192 << logBlock, 65528) / 8;
      command.addAll(List.of("-g", String.valueOf(8 * (32 + random.nextInt(most - 32)))));
    }
    if (!features.isEmpty()) {
      command.addAll(List.of("-O", String.join(",", features)));
    }
    if (random.nextInt(3) == 0) {
      command.addAll(List.of("-G", String.valueOf(1 << random.nextInt(8))));
    }
    if (random.nextInt(3) == 0) {
      command.addAll(List.of("-I", pick(random, "128", "256", "512", "1024")));
    }
    if (random.nextInt(3) == 0) {
      command.addAll(List.of("-i", String.valueOf(4096 << random.nextInt(6))));
    }
    if (random.nextInt(4) == 0) {
      command.addAll(
          List.of(
              "-E",
              pick(
                  random,
                  "packed_meta_blocks=1",
                  "stride=4,stripe_width=16",
                  "resize=1000000",
                  "num_backup_sb=1",
                  "lazy_itable_init=0",
                  "desc_size=128")));
    }
    command.addAll(List.of("-d", tree.toString(), image.toString()));
    return command;
  }

  @SafeVarargs
  private static <T> T pick(Random random, T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private static Path tree(Path directory, Random random) throws IOException {
    Files.createDirectories(directory);
    for (int number = 0; number < 30; number++) {
      byte[] content = new byte[random.nextInt(60_000)];
      random.nextBytes(content);
      Files.write(directory.resolve("file" + number), content);
      Path child = Files.createDirectories(directory.resolve("directory" + number));
      Files.write(child.resolve("small"), new byte[random.nextInt(200)]);
      Files.createSymbolicLink(child.resolve("link"), Path.of("../file" + number));
    }
    try (RandomAccessFile sparse =
        new RandomAccessFile(directory.resolve("sparse").toFile(), "rw")) {
      for (int piece = 0; piece < 20; piece++) {
        sparse.seek(piece * 100_000L);
        sparse.write(piece + 1);
      }
    }
    return directory;
  }
}
