package io.fallow.tests.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.testkit.tools.HostMap;
import io.fallow.testkit.tools.Scratch;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Partitioned disks with ext4, XFS and swap, in raw files and in every kind of qcow2. */
class WholeDiskTest {

  private static final Map<String, Disk.Partitioner> TABLES =
      Map.of(
          "gpt",
          image ->
              Tools.run(
                  "sgdisk",
                  "-a",
                  "1",
                  "-n",
                  "1:2048:4095",
                  "-t",
                  "1:ef02",
                  "-n",
                  "2:4096:100351",
                  "-n",
                  "3:102400:243711",
                  "-n",
                  "4:245760:325631",
                  "-t",
                  "4:8200",
                  image),
          "mbr",
          image ->
              Tools.run(
                  "sh",
                  "-c",
                  "printf 'start=4096,size=96256\\nstart=102400,size=141312\\n"
                      + "start=245760,size=79872,type=82\\n' | sfdisk -q -X dos \"$0\"",
                  image),
          "logical",
          image ->
              Tools.run(
                  "sh",
                  "-c",
                  "printf 'start=2048,size=323584,type=5\\nstart=4096,size=96256\\n"
                      + "start=102400,size=141312\\nstart=245760,size=79872,type=82\\n'"
                      + " | sed '2,4s/^/ /' | sfdisk -q -X dos \"$0\"",
                  image));

  private static Scratch scratch;
  private static Disk disk;
  private static ExtentSet free;

  @BeforeAll
  static void makeDisk() throws IOException {
    KernelProof.requireTools();
    Tools.require("sgdisk", "sfdisk", "mkswap", "dd", "qemu-io");
    scratch = Scratch.inMemory();
    disk = Disk.make(scratch, new Random(5), table("gpt"));
    free = disk.free();
  }

  @AfterAll
  static void removeDisk() throws IOException {
    if (scratch != null) {
      scratch.close();
    }
  }

  private static Disk.Partitioner table(String name) {
    Disk.Partitioner partitioner = TABLES.get(name);
    if (partitioner == null) {
      throw new IllegalArgumentException(name);
    }
    return partitioner;
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt", "mbr", "logical"})
  void releasesInEveryPartitionOfARawDisk(String table) throws IOException {
    try (Scratch own = Scratch.inMemory()) {
      Disk mine = Disk.make(own, new Random(6), table(table));
      ExtentSet mayGo = mine.free();
      ExtentSet before = HostMap.data(mine.image(), "raw");
      Product.Trimmed outcome = Product.trim(mine.image(), "raw");
      assertThat(outcome.refusals()).isEmpty();
      proveRelease(before.subtract(HostMap.data(mine.image(), "raw")), mayGo, 1);
      mine.proveFiles(mine.image());
      assertThat(outcome.hostBefore() - outcome.hostAfter())
          .isGreaterThanOrEqualTo(mayGo.total() / 100 * 99);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "512, '', ''",
    "4096, compat=0.10, ''",
    "65536, '', ''",
    "65536, lazy_refcounts=on, ''",
    "65536, '', -c",
    "65536, compression_type=zstd, -c",
    "65536, '', -S0",
    "262144, refcount_bits=1, ''",
    "2097152, refcount_bits=64, ''",
  })
  void releasesInEveryKindOfQcow2(int clusterSize, String options, String argument)
      throws IOException {
    Path qcow2 = scratch.path("disk.qcow2");
    convert(clusterSize, options, argument, qcow2);
    ExtentSet before = HostMap.data(qcow2, "qcow2");
    Product.Trimmed outcome = Product.trim(qcow2, "qcow2");
    assertThat(outcome.refusals()).isEmpty();
    ExtentSet released = before.subtract(HostMap.data(qcow2, "qcow2"));
    proveRelease(released, free, clusterSize);
    // The host gives back whole pages, and compressed clusters take less than they release.
    if (argument.isEmpty() && clusterSize >= 4096) {
      assertThat(outcome.hostBefore() - outcome.hostAfter())
          .isGreaterThanOrEqualTo(released.total() / 100 * 99);
    }
    Tools.run("qemu-img", "check", "-f", "qcow2", qcow2);
    Path back = scratch.path("back.raw");
    Tools.run("qemu-img", "convert", "-f", "qcow2", "-O", "raw", qcow2, back);
    disk.proveFiles(back);
  }

  @Test
  void leavesWhatASnapshotHolds() throws IOException {
    Path qcow2 = scratch.path("snapshot.qcow2");
    convert(65536, "", "", qcow2);
    Tools.run("qemu-img", "snapshot", "-c", "before upgrade", qcow2);
    long garbage = free.alignInward(1 << 20).start(0);
    Tools.run("qemu-io", "-f", "qcow2", "-c", "write -P 85 " + garbage + " 64k", qcow2);
    Product.Trimmed outcome = Product.trim(qcow2, "qcow2");
    assertThat(outcome.refusals()).isEmpty();
    assertThat(outcome.held()).containsOnlyKeys("snapshot before upgrade");
    Tools.run("qemu-img", "check", "-f", "qcow2", qcow2);
    Path back = scratch.path("back.raw");
    Tools.run(
        "qemu-img",
        "convert",
        "-f",
        "qcow2",
        "-l",
        "snapshot.name=before upgrade",
        "-O",
        "raw",
        qcow2,
        back);
    assertThat(Files.mismatch(disk.image(), back)).isEqualTo(-1);
    Tools.run("qemu-img", "convert", "-f", "qcow2", "-O", "raw", qcow2, back);
    disk.proveFiles(back);
  }

  @Test
  void hidesTheBackingFileBehindZeros() throws IOException {
    Path base = scratch.path("base.qcow2");
    convert(65536, "", "", base);
    byte[] baseBefore = Files.readAllBytes(base);
    Path overlay = scratch.path("overlay.qcow2");
    Tools.run(
        "qemu-img", "create", "-q", "-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2", overlay);
    Extent garbage = Extent.ofLength(free.alignInward(1 << 20).start(0), 1 << 20);
    Tools.run(
        "qemu-io",
        "-f",
        "qcow2",
        "-c",
        "write -P 85 %d %d".formatted(garbage.start(), garbage.length()),
        overlay);
    Product.Trimmed outcome = Product.trim(overlay, "qcow2");
    assertThat(outcome.refusals()).isEmpty();
    assertThat(outcome.releasable()).isEqualTo(ExtentSet.of(garbage));
    assertThat(outcome.hostBefore() - outcome.hostAfter()).isEqualTo(garbage.length());
    assertThat(Files.readAllBytes(base)).isEqualTo(baseBefore);
    Tools.run("qemu-img", "check", "-f", "qcow2", overlay);
    Path back = scratch.path("back.raw");
    Tools.run("qemu-img", "convert", "-f", "qcow2", "-O", "raw", overlay, back);
    try (RandomAccessFile file = new RandomAccessFile(back.toFile(), "r")) {
      byte[] content = new byte[1 << 20];
      file.seek(garbage.start());
      file.readFully(content);
      assertThat(content).containsOnly(0);
    }
    disk.proveFiles(back);
  }

  private static void convert(int clusterSize, String options, String argument, Path qcow2)
      throws IOException {
    String all = "cluster_size=" + clusterSize + (options.isEmpty() ? "" : "," + options);
    Tools.run(
        "qemu-img",
        "convert",
        "-f",
        "raw",
        "-O",
        "qcow2",
        "-o",
        all,
        argument.isEmpty() ? List.of() : List.of(argument),
        disk.image(),
        qcow2);
  }

  /** Nothing that is not free, and at least 99 % of what is. */
  private static void proveRelease(ExtentSet released, ExtentSet mayGo, int unit) {
    assertThat(released.subtract(mayGo)).isEmpty();
    ExtentSet should = mayGo.alignInward(unit);
    assertThat(should.subtract(released).total() * 100).isLessThanOrEqualTo(should.total());
  }
}
