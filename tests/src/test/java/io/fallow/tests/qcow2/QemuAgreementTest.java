package io.fallow.tests.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.Device;
import io.fallow.device.MemoryFile;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Progress;
import io.fallow.image.Release;
import io.fallow.image.qcow2.BackingOpener;
import io.fallow.image.qcow2.CheckResult;
import io.fallow.image.qcow2.Qcow2Image;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random images of QEMU's making: Fallow reads what qemu-img reads, counts what it counts, and
 * after a release qemu-img finds the image clean and all else unchanged.
 */
class QemuAgreementTest {

  private static final int IMAGES = 25;

  @TempDir Path folder;

  @BeforeAll
  static void needsQemu() {
    Tools.require("qemu-img");
  }

  @Test
  void agreesOnRandomImages() throws Exception {
    for (int seed = 0; seed < IMAGES; seed++) {
      Random random = new Random(seed);
      Path file = folder.resolve("image-" + seed);
      String options = make(file, random);
      compare(file, random, "seed " + seed + ", " + options);
    }
  }

  private void compare(Path path, Random random, String what) throws Exception {
    MemoryFile file = MemoryFile.of("image", Files.readAllBytes(path));
    Qcow2Image image = Qcow2Image.open(file, BackingOpener.none());
    byte[] expected = guestByQemu(path);
    assertThat(guest(image)).as(what).isEqualTo(expected);
    String report = run(true, "qemu-img", "check", "--output=json", path.toString());
    assertThat(counts(image.check())).as(what).isEqualTo(counts(report));

    ExtentSet free = randomSet(random, expected.length);
    Release release = image.release(free);
    release.execute(Progress.NONE);
    release
        .releasable()
        .forEachRun((start, end) -> Arrays.fill(expected, (int) start, (int) end, (byte) 0));
    Path after = folder.resolve("after");
    Files.write(after, bytes(file));
    run(false, "qemu-img", "check", after.toString());
    assertThat(guestByQemu(after)).as(what).isEqualTo(expected);
  }

  private static String make(Path file, Random random) throws Exception {
    int clusterBits = random.nextInt(9, 18);
    long cluster = 1L << clusterBits;
    long size = cluster * random.nextInt(3, 200) + 512L * random.nextInt((int) (cluster / 512));
    boolean v3 = random.nextInt(4) > 0;
    String options = "cluster_size=" + cluster + ",compat=" + (v3 ? "1.1" : "0.10");
    boolean compressed = random.nextInt(3) == 0;
    if (v3) {
      options += ",refcount_bits=" + (2 << random.nextInt(6));
      options += ",compression_type=" + (random.nextBoolean() ? "zlib" : "zstd");
    }
    String path = file.toString();
    run(false, "qemu-img", "create", "-q", "-f", "qcow2", "-o", options, path, "" + size);
    write(path, random, size, cluster, compressed);
    // With compressed clusters, QEMU 7.2 was seen to leave an image that its own check rejects.
    if (!compressed && random.nextBoolean()) {
      run(false, "qemu-img", "snapshot", "-c", "before", path);
      write(path, random, size, cluster, false);
    }
    return options;
  }

  /**
   * Data, zeros and discards; or compressed clusters, which some QEMU cannot mix with snapshots.
   */
  private static void write(String path, Random random, long size, long cluster, boolean compressed)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("qemu-io", "-f", "qcow2", "-d", "unmap"));
    for (int i = random.nextInt(1, 16); i > 0; i--) {
      long start = random.nextLong(size) / 512 * 512;
      long length = Math.min(size - start, cluster * random.nextInt(1, 8));
      String place = start + " " + length;
      int pattern = random.nextInt(1, 256);
      long whole = random.nextLong(size / cluster) * cluster;
      command.add("-c");
      command.add(
          switch (random.nextInt(6)) {
            case 0 -> "write -z " + place;
            case 1 -> "discard " + place;
            case 2, 3, 4 ->
                compressed
                    ? "write -c -P " + pattern + " " + whole + " " + cluster
                    : "write -P " + pattern + " " + place;
            default -> "write -P " + pattern + " " + place;
          });
    }
    command.add(path);
    // A compressed write over an allocated cluster fails, and changes nothing.
    run(true, command.toArray(String[]::new));
  }

  private static ExtentSet randomSet(Random random, int size) {
    ExtentSet.Builder builder = ExtentSet.builder();
    for (int i = random.nextInt(6); i >= 0; i--) {
      int start = random.nextInt(size);
      builder.add(start, Math.min(size, (long) start + random.nextInt(size)));
    }
    return builder.build();
  }

  private static Map<String, Long> counts(CheckResult result) {
    return Map.of(
        "image-end-offset", result.imageEndOffset(),
        "total-clusters", result.totalClusters(),
        "allocated-clusters", result.allocatedClusters(),
        "fragmented-clusters", result.fragmentedClusters(),
        "compressed-clusters", result.compressedClusters(),
        "leaks", result.leaks(),
        "corruptions", result.corruptions());
  }

  private static Map<String, Long> counts(String report) {
    return Map.of(
        "image-end-offset", number(report, "image-end-offset"),
        "total-clusters", number(report, "total-clusters"),
        "allocated-clusters", number(report, "allocated-clusters"),
        "fragmented-clusters", number(report, "fragmented-clusters"),
        "compressed-clusters", number(report, "compressed-clusters"),
        "leaks", number(report, "leaks"),
        "corruptions", number(report, "corruptions"));
  }

  /** A number of the report, which leaves out those that are 0. */
  private static long number(String report, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\": (\\d+)").matcher(report);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
  }

  private byte[] guestByQemu(Path image) throws Exception {
    Path raw = folder.resolve("raw");
    run(false, "qemu-img", "convert", "-f", "qcow2", "-O", "raw", image.toString(), raw.toString());
    return Files.readAllBytes(raw);
  }

  private static byte[] guest(Qcow2Image image) throws IOException {
    return bytes(image.guest());
  }

  private static byte[] bytes(Device device) throws IOException {
    byte[] bytes = new byte[(int) device.size()];
    device.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static String run(boolean mayFail, String... command) throws IOException {
    Object[] words = command;
    return (mayFail ? Tools.attempt(words) : Tools.run(words)).all();
  }
}
