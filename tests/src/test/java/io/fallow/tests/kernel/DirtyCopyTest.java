package io.fallow.tests.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.extent.ExtentSet;
import io.fallow.format.Refusal;
import io.fallow.testkit.tools.HostMap;
import io.fallow.testkit.tools.LoopMount;
import io.fallow.testkit.tools.RandomTree;
import io.fallow.testkit.tools.Scratch;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Disks copied while they are mounted, just after a guest's fsync. The data may lie in blocks that
 * the map on disk still calls free, so nothing at all may be released.
 */
class DirtyCopyTest {

  private static final long SIZE = 96L << 20;

  @BeforeAll
  static void tools() {
    KernelProof.requireTools();
  }

  @ParameterizedTest
  @CsvSource({
    "mke2fs -q -F -t ext2, ''",
    "'mke2fs -q -F -t ext2 -O ^sparse_super,^resize_inode -b 1024', ''",
    "mke2fs -q -F -t ext3, data=ordered",
    "mke2fs -q -F -t ext3, data=journal",
    "mke2fs -q -F -t ext3, data=writeback",
    "mke2fs -q -F -t ext4, data=ordered",
    "mke2fs -q -F -t ext4, data=journal",
    "mke2fs -q -F -t ext4, data=writeback",
    "mke2fs -q -F -t ext4 -O ^has_journal, ''",
    "mke2fs -q -F -t ext4 -O fast_commit, ''",
    "mke2fs -q -F -t ext4 -O orphan_file, ''",
    "mke2fs -q -F -t ext4 -O mmp, ''",
    "mke2fs -q -F -t ext4 -O bigalloc, ''",
    "mkfs.xfs --unsupported -q -f, ''",
    "mkfs.xfs --unsupported -q -f -b size=1024, ''",
    "mkfs.xfs --unsupported -q -f -m rmapbt=1 -d agcount=4, ''",
  })
  void isRefusedAndStaysAsItIs(String maker, String options) throws IOException {
    try (Scratch scratch = Scratch.inMemory()) {
      Path image = scratch.path("fs.raw");
      create(image, maker);
      try (LoopMount mount = LoopMount.of(scratch, image, options)) {
        RandomTree.grow(mount.root(), new Random(7));
        writeDurably(mount.root().resolve("precious"));
        refuse(scratch, image);
        Files.delete(mount.root().resolve("precious"));
        writeDurably(mount.root().resolve("more"));
        refuse(scratch, image);
      }
    }
  }

  private static void create(Path image, String maker) throws IOException {
    byte[] noise = RandomTree.noise(new Random(1), (int) SIZE);
    Files.write(image, noise);
    List<String> keep = maker.startsWith("mkfs.xfs") ? List.of("-K") : List.of("-E", "nodiscard");
    Tools.run(Arrays.asList(maker.split(" ")), keep, image);
  }

  private static void writeDurably(Path file) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(RandomTree.noise(new Random(2), 4 << 20));
      out.getFD().sync();
    }
  }

  /** The copy is of this moment, while the guest goes on. */
  private static void refuse(Scratch scratch, Path image) throws IOException {
    Path raw = scratch.path("copy.raw");
    Tools.run("cp", "--sparse=auto", "--reflink=never", image, raw);
    refuse(scratch, raw, "raw");
    Path qcow2 = scratch.path("copy.qcow2");
    Tools.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, qcow2);
    refuse(scratch, qcow2, "qcow2");
  }

  private static void refuse(Scratch scratch, Path image, String format) throws IOException {
    Path before = scratch.path("before");
    Tools.run("cp", "--sparse=auto", "--reflink=never", image, before);
    ExtentSet allocated = HostMap.data(image, format);
    Product.Trimmed outcome = Product.trim(image, format);
    assertThat(outcome.refusals())
        .hasSize(1)
        .allSatisfy(volume ->
            assertThat(Objects.requireNonNull(volume.refusal()).kind())
                .isIn(Refusal.Kind.UNCLEAN, Refusal.Kind.UNSUPPORTED));
    assertThat(outcome.free()).isEmpty();
    assertThat(Files.mismatch(before, image)).isEqualTo(-1);
    assertThat(HostMap.data(image, format)).isEqualTo(allocated);
  }
}
