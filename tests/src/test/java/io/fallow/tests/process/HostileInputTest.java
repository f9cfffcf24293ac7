package io.fallow.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.testkit.tools.Scratch;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged and hostile images of other projects, in a process with 256 MiB of heap. */
class HostileInputTest {

  @BeforeAll
  static void prepare() throws IOException {
    Tools.require("xz", "gzip", "zstd", "dd");
    Launcher.prepare();
  }

  /** One process for a whole folder, so that nothing one image leaves behind hurts the next. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "util-linux-blkid",
        "btrfs-fuzz",
        "exfat",
        "luks",
        "fat-gpt-mbr",
        "e2fsprogs",
        "qcow2",
        "ext"
      })
  void isRefusedOrTrimmedWithoutADefect(String folder) throws Exception {
    try (Scratch scratch = Scratch.inMemory()) {
      List<Path> images = unpack(corpus().resolve(folder), scratch);
      SortedMap<Path, String> before = hashes(images);
      Tools.Result scan = Launcher.run("scan", "--format", "raw", images);
      proveNoDefect(scan);
      assertThat(hashes(images)).isEqualTo(before);
      proveNoDefect(Launcher.run("trim", "--format", "raw", images));
    }
  }

  private static void proveNoDefect(Tools.Result result) {
    assertThat(result.exit()).as(tail(result)).isIn(0, 1, 3);
    assertThat(result.output() + result.error())
        .doesNotContain("\tat io.fallow", "OutOfMemory", "StackOverflow", "defect");
  }

  private static String tail(Tools.Result result) {
    String all = result.output() + result.error();
    return all.substring(Math.max(0, all.length() - 2000));
  }

  private static Path corpus() {
    String override = System.getenv("FALLOW_CORPUS");
    if (override != null) {
      return Path.of(override);
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path corpus = at.resolve("shared").resolve("corpus");
      if (Files.isDirectory(corpus)) {
        return corpus;
      }
    }
    Assumptions.abort("no corpus of images beside the repository; set FALLOW_CORPUS");
    throw new AssertionError();
  }

  private static List<Path> unpack(Path folder, Scratch scratch) throws IOException {
    List<Path> images = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String name = file.getFileName().toString();
        String suffix = name.substring(name.lastIndexOf('.') + 1);
        String unpacker =
            switch (suffix) {
              case "xz" -> "xz -dc";
              case "gz" -> "gzip -dc";
              case "zst" -> "zstd -dc";
              case "qcow2", "bin" -> "cat";
              default -> "";
            };
        if (!unpacker.isEmpty()) {
          Path image = scratch.path(images.size() + "-" + name + ".img");
          // Most of them are nearly empty: zeros become holes.
          String command = unpacker + " \"$0\" | dd of=\"$1\" bs=64k conv=sparse status=none";
          Tools.run("sh", "-c", command, file, image);
          images.add(image);
        }
      }
    }
    assertThat(images).isNotEmpty();
    return images;
  }

  private static SortedMap<Path, String> hashes(List<Path> images) throws Exception {
    SortedMap<Path, String> hashes = new TreeMap<>();
    for (Path image : images) {
      if (Files.size(image) < 1L << 28) {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(Files.readAllBytes(image));
        hashes.put(image, HexFormat.of().formatHex(digest.digest()));
      }
    }
    return hashes;
  }
}
