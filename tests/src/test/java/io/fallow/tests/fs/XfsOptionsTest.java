package io.fallow.tests.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.format.FileSystem;
import io.fallow.testkit.tools.Tools;
import io.fallow.tests.fs.XfsTools.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Filesystems with random options of mkfs.xfs and random content: what is free is exactly what
 * xfs_db lists.
 */
class XfsOptionsTest {

  private static final int FILESYSTEMS = 40;

  @TempDir private Path folder;

  @BeforeAll
  static void tools() throws IOException {
    Tools.require("mkfs.xfs", "xfs_db", "fallocate");
  }

  @Test
  void freeIsWhatXfsDbLists() throws IOException {
    boolean root = Tools.attempt("id", "-u").output().strip().equals("0");
    Path proto = proto();
    int made = 0;
    for (int seed = 0; seed < FILESYSTEMS; seed++) {
      Random random = new Random(seed);
      Path image = folder.resolve("image-" + seed);
      boolean v5 = random.nextInt(4) > 0;
      List<String> options = v5 ? version5(random) : version4(random);
      if (!v5 || !root) {
        options.addAll(List.of("-p", proto.toString()));
      }
      if (!make(image, random, options)) {
        continue;
      }
      made++;
      if (v5 && root) {
        populate(image, random);
      }
      FileSystem xfs = (FileSystem) XfsTools.open(image);
      assertThat(xfs.free()).as("seed %d: %s", seed, options).isEqualTo(XfsTools.xfsDbFree(image));
      Files.delete(image);
    }
    // mkfs.xfs does not take every combination.
    assertThat(made).isGreaterThan(FILESYSTEMS / 2);
  }

  private static boolean make(Path image, Random random, List<String> options) throws IOException {
    XfsTools.must("truncate", "-s", 300 + random.nextInt(500) + "M", image.toString());
    List<String> command = new ArrayList<>(List.of("mkfs.xfs", "-q"));
    command.addAll(options);
    command.add(image.toString());
    return Tools.attempt(command).exit() == 0;
  }

  private static List<String> version5(Random random) {
    List<String> options = new ArrayList<>(sizes(random, 1024));
    int finobt = random.nextInt(2);
    options.addAll(
        List.of(
            "-m",
            "crc=1,finobt=%d,inobtcount=%d,rmapbt=%d,reflink=%d,bigtime=%d"
                .formatted(
                    finobt,
                    finobt * random.nextInt(2),
                    random.nextInt(2),
                    random.nextInt(2),
                    random.nextInt(2)),
            "-i",
            "sparse=%d,nrext64=%d".formatted(random.nextInt(2), random.nextInt(2))));
    return options;
  }

  private static List<String> version4(Random random) {
    List<String> options = new ArrayList<>(sizes(random, 512));
    options.addAll(List.of("-m", "crc=0", "-i", "size=256", "-l"));
    options.add("version=%d,lazy-count=%d".formatted(1 + random.nextInt(2), random.nextInt(2)));
    return options;
  }

  private static List<String> sizes(Random random, int least) {
    int block = Math.min(65536, least << random.nextInt(8));
    int sector = Math.min(block, 512 << random.nextInt(3));
    List<String> options = new ArrayList<>(List.of("-b", "size=" + block, "-s", "size=" + sector));
    if (random.nextBoolean()) {
      options.addAll(List.of("-d", "agcount=" + (1 + random.nextInt(14))));
    }
    if (least == 1024 && random.nextInt(3) == 0) {
      options.addAll(List.of("-l", "su=" + Math.min(block << random.nextInt(4), 256 << 10)));
    }
    return options;
  }

  /** A description of files for mkfs.xfs, for what cannot be mounted. */
  private Path proto() throws IOException {
    Path content = Files.write(folder.resolve("content"), new byte[5000]);
    StringBuilder proto = new StringBuilder("boot\n0 0\nd--755 0 0\n");
    for (int i = 0; i < 200; i++) {
      proto.append("f%d ---644 0 0 %s%n".formatted(i, content));
    }
    return Files.writeString(folder.resolve("proto"), proto.append("$\n"));
  }

  private void populate(Path image, Random random) throws IOException {
    String options = random.nextBoolean() ? "" : ",logbsize=256k";
    try (Mount mount = Mount.of(image, folder.resolve("mount"), options)) {
      List<Path> files = new ArrayList<>();
      int count = 20 + random.nextInt(300);
      for (int i = 0; i < count; i++) {
        Path file = mount.at().resolve("f" + i);
        files.add(Files.write(file, new byte[1 + random.nextInt(200_000)]));
        if (random.nextInt(3) == 0) {
          Files.delete(files.remove(random.nextInt(files.size())));
        }
      }
      for (int i = 0; i < 10; i++) {
        Path file = files.get(random.nextInt(files.size()));
        String offset = Integer.toString(random.nextInt(100_000));
        XfsTools.must("fallocate", "-p", "-o", offset, "-l", "70000", file.toString());
      }
    }
  }
}
