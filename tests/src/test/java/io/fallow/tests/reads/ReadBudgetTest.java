package io.fallow.tests.reads;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.cli.image.FormatDetector;
import io.fallow.extent.ExtentSet;
import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.image.Image;
import io.fallow.image.qcow2.BackingOpener;
import io.fallow.image.qcow2.Qcow2Image;
import io.fallow.image.raw.RawImage;
import io.fallow.plan.Plan;
import io.fallow.stack.Stack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A scan reads at most 1.2 times the bytes of metadata that it needs, those read twice counted
 * twice, and no sector of a file's data but where a signature could stand.
 */
final class ReadBudgetTest {

  private static final long GIB = 1L << 30;
  private static final int MIB = 1 << 20;
  private static final double BUDGET = 1.2;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-t ext4 -b 4096",
        "-t ext4 -b 1024",
        "-t ext4 -O ^flex_bg",
        "-t ext4 -O bigalloc -C 16384",
        "-t ext3",
        "-t ext2 -b 1024"
      })
  void ext(String options) throws IOException {
    Path image = Guest.sparse(directory.resolve("ext.raw"), 2 * GIB);
    mke2fs(image, options, 0, "");
    assertBudget(image, ExtNeeds.of(image), Needs.signatures(2 * GIB));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-b size=4096", "-b size=1024", "-b size=1024 -m rmapbt=1,reflink=1"})
  void xfs(String options) throws IOException {
    Path image = Guest.sparse(directory.resolve("xfs.raw"), GIB);
    Guest.xfs(image, directory, options.split(" "));
    assertBudget(image, XfsNeeds.of(image), Needs.signatures(GIB));
  }

  @Test
  void partitionsInQcow2() throws IOException {
    Path raw = gpt();
    Path image = directory.resolve("disk.qcow2");
    Guest.run("qemu-img", "convert", "-O", "qcow2", raw, image);
    ExtentSet tables = Qcow2Needs.of(image);
    ExtentSet needed = gptNeeds(raw).union(gptSignatures()).intersect(Qcow2Needs.mapped(image));
    try (WatchedFile file = new WatchedFile(LinuxFile.open(image, Access.READ))) {
      scan(file, Qcow2Image.open(file, BackingOpener.none()));
      assertWithin(file, tables.total() + needed.total(), tables);
      // Clusters say no more which of these are signatures.
      assertThat(file.data().total()).isLessThanOrEqualTo(gptSignatures().total());
    }
  }

  @Test
  void partitions() throws IOException {
    Path image = gpt();
    assertBudget(image, gptNeeds(image), gptSignatures());
  }

  @Test
  void dosPartitions() throws IOException {
    Path image = Guest.sparse(directory.resolve("mbr.raw"), 2 * GIB);
    Path table =
        Files.writeString(directory.resolve("table"), "label: dos\nstart=2048, size=1GiB\n");
    Guest.run("sh", "-c", "sfdisk -q '%s' < '%s'".formatted(image, table));
    mke2fs(image, "-t ext4", MIB, "1g");
    Path ext = directory.resolve("ext.raw");
    Guest.run("dd", "if=" + image, "of=" + ext, "bs=1M", "skip=1", "count=1024", "conv=sparse");
    ExtentSet signatures =
        Needs.signatures(2 * GIB)
            .subtract(ExtentSet.of(MIB, MIB + GIB))
            .union(Needs.signatures(GIB).shift(MIB));
    assertBudget(image, ExtNeeds.of(ext).shift(MIB).union(ExtentSet.of(0, 512)), signatures);
  }

  /** A disk of 2 GiB: ext4 in 1 GiB from 1 MiB on, XFS in 512 MiB, and swap in 64 MiB. */
  private Path gpt() throws IOException {
    Path image = Guest.sparse(directory.resolve("disk.raw"), 2 * GIB);
    Guest.run(
        "sgdisk", "-n", "1:2048:+1G", "-n", "2:0:+512M", "-n", "3:0:+64M", "-t", "3:8200", image);
    mke2fs(image, "-t ext4", MIB, "1g");
    Path xfs = Guest.sparse(directory.resolve("xfs.raw"), GIB / 2);
    Guest.xfs(xfs, directory, "-b", "size=4096");
    Path swap = Guest.sparse(directory.resolve("swap.raw"), 64 * MIB);
    Guest.run("mkswap", swap);
    place(xfs, image, MIB + GIB);
    place(swap, image, MIB + GIB + GIB / 2);
    return image;
  }

  private static void place(Path part, Path disk, long offset) throws IOException {
    Guest.run(
        "dd",
        "if=" + part,
        "of=" + disk,
        "bs=1M",
        "seek=" + offset / MIB,
        "conv=sparse,notrunc",
        "status=none");
  }

  private ExtentSet gptNeeds(Path image) throws IOException {
    Path ext = directory.resolve("ext.raw");
    Guest.run("dd", "if=" + image, "of=" + ext, "bs=1M", "skip=1", "count=1024", "conv=sparse");
    return new Needs()
        .add(0, 1024 + 128 * 128)
        .add(2 * GIB - 512 - 128 * 128, 128 * 128 + 512)
        .addAll(ExtNeeds.of(ext).shift(MIB))
        .addAll(XfsNeeds.of(directory.resolve("xfs.raw")).shift(MIB + GIB))
        .add(MIB + GIB + GIB / 2, 4096)
        .set();
  }

  private static ExtentSet gptSignatures() {
    ExtentSet disk =
        Needs.signatures(2 * GIB).subtract(ExtentSet.of(MIB, MIB + GIB + GIB / 2 + 64 * MIB));
    return disk.union(Needs.signatures(GIB).shift(MIB))
        .union(Needs.signatures(GIB / 2).shift(MIB + GIB))
        .union(Needs.signatures(64 * MIB).shift(MIB + GIB + GIB / 2));
  }

  private void mke2fs(Path image, String options, long offset, String size) throws IOException {
    Path tree = Guest.tree(Files.createDirectory(directory.resolve("tree")), 400, 80_000);
    List<Object> words = new ArrayList<>(List.of("-q", "-F", "-d", tree));
    words.addAll(List.of(options.split(" ")));
    words.addAll(List.of("-E", "offset=" + offset, image));
    if (!size.isEmpty()) {
      words.add(size);
    }
    Guest.run("mke2fs", words.toArray());
  }

  private static ExtentSet allocated(Path image, ExtentSet places) throws IOException {
    try (LinuxFile file = LinuxFile.open(image, Access.READ)) {
      return file.allocated(file.extent()).intersect(places);
    }
  }

  /**
   * Scans a raw image.
   *
   * @param metadata the structures that decide
   * @param signatures where one of another format could stand; holes need no look
   */
  private static void assertBudget(Path image, ExtentSet metadata, ExtentSet signatures)
      throws IOException {
    ExtentSet needed = metadata.union(allocated(image, signatures));
    try (WatchedFile file = new WatchedFile(LinuxFile.open(image, Access.READ))) {
      scan(file, new RawImage(file));
      assertThat(file.data().subtract(signatures)).as("data read").isEqualTo(ExtentSet.empty());
      assertWithin(file, needed.total(), metadata);
    }
  }

  private static void assertWithin(WatchedFile file, long needed, ExtentSet metadata) {
    assertThat(file.bytes() / (double) needed)
        .as("%d bytes read, %d needed", file.bytes(), needed)
        .isLessThanOrEqualTo(BUDGET);
    // Were much of it not read, the needs would be too large a measure.
    assertThat(file.seen().intersect(metadata).total())
        .as("of %d bytes of metadata", metadata.total())
        .isGreaterThanOrEqualTo(metadata.total() * 9 / 10);
  }

  private static void scan(WatchedFile file, Image image) throws IOException {
    FormatDetector.detect(file, null);
    Plan plan = Plan.of(image, Stack.of(image.guest()), Set.of());
    assertThat(plan.volumes()).allSatisfy(volume -> assertThat(volume.refusal()).isNull());
    assertThat(plan.free().total()).isGreaterThan(image.guest().size() / 4);
  }
}
