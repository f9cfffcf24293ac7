package io.fallow.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.avaje.jsonb.Jsonb;
import io.fallow.cli.json.TrimJson;
import io.fallow.extent.Extent;
import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.testkit.tools.Scratch;
import io.fallow.testkit.tools.Tools;
import io.fallow.tests.corpus.Corpus;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged and hostile images of other projects, in a process with 256 MiB of heap. */
class HostileInputTest {

  private static final byte[] ZERO = new byte[4096];

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
      List<Path> images = unpack(Corpus.folder(folder), scratch);
      SortedMap<String, String> before = hashes(images);
      proveNoDefect(run("scan", images));
      assertThat(hashes(images)).isEqualTo(before);
      Tools.Result trim = run("trim", images);
      proveNoDefect(trim);
      SortedSet<String> refused = refused(trim, images.size());
      SortedMap<String, String> after = hashes(images);
      after.keySet().retainAll(refused);
      before.keySet().retainAll(refused);
      assertThat(after).as("images that were refused").isEqualTo(before);
      assertThat(refused).as("images that were refused").isNotEmpty();
    }
  }

  /** Handles all images in one process of the launcher's own memory, whatever is set here. */
  private static Tools.Result run(String command, List<Path> images) throws IOException {
    ProcessBuilder fallow = Launcher.builder(command, "--json", "--format", "raw", images);
    fallow.environment().remove("FALLOW_JAVA_OPTIONS");
    return Tools.attempt(fallow);
  }

  /** The images of which no volume was handled. */
  private static SortedSet<String> refused(Tools.Result trim, int count) {
    TrimJson answer = Jsonb.builder().build().type(TrimJson.class).fromJson(trim.output());
    assertThat(answer.images()).hasSize(count);
    SortedSet<String> refused = new TreeSet<>();
    for (TrimJson.ImageJson image : answer.images()) {
      if (image.volumes().stream().noneMatch(volume -> volume.state().equals("ok"))) {
        refused.add(image.image());
      }
    }
    return refused;
  }

  private static void proveNoDefect(Tools.Result result) {
    assertThat(result.exit()).as(tail(result)).isIn(0, 1, 3);
    assertThat(result.output() + result.error())
        .doesNotContain(
            "\tat io.fallow", "not enough memory", "OutOfMemory", "StackOverflow", "a defect of");
  }

  private static String tail(Tools.Result result) {
    String all = result.output() + result.error();
    return all.substring(Math.max(0, all.length() - 2000));
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

  private static SortedMap<String, String> hashes(List<Path> images) throws Exception {
    SortedMap<String, String> hashes = new TreeMap<>();
    for (Path image : images) {
      hashes.put(image.toString(), hash(image));
    }
    return hashes;
  }

  /** A hash of the size and of all that is not zero, with its place. */
  private static String hash(Path image) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
    byte[] page = new byte[4096];
    try (LinuxFile file = LinuxFile.open(image, Access.READ_UNLOCKED)) {
      digest.update(number.putLong(0, file.size()).array());
      for (Extent run : file.allocated(file.extent()).alignOutward(page.length)) {
        long end = Math.min(run.end(), file.size());
        for (long at = run.start(); at < end; at += page.length) {
          Arrays.fill(page, (byte) 0);
          int length = (int) Math.min(page.length, end - at);
          file.read(at, MemorySegment.ofArray(page).asSlice(0, length));
          if (!Arrays.equals(page, ZERO)) {
            digest.update(number.putLong(0, at).array());
            digest.update(page);
          }
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
