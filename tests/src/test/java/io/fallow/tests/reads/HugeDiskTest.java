package io.fallow.tests.reads;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.image.raw.RawImage;
import io.fallow.plan.Plan;
import io.fallow.stack.Stack;
import io.fallow.testkit.CountingFile;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks of 10 TiB of which hardly anything is written. */
final class HugeDiskTest {

  private static final long TIB = 1L << 40;
  private static final long SIZE = 10 * TIB;

  /** What the tools write at most, since all but the first tables are left for later. */
  private static final long ROOM = 4L << 30;

  @TempDir private Path directory;

  @BeforeEach
  void requireRoom() throws IOException {
    boolean room = Files.getFileStore(directory).getUsableSpace() > ROOM;
    Tools.require(room, "no room for a huge disk");
  }

  @Test
  void ext4() throws IOException {
    Path image = Guest.sparse(directory.resolve("huge.raw"), SIZE);
    Guest.run("mke2fs", "-q", "-F", "-t", "ext4", "-E", "lazy_itable_init=1", image);
    // 81920 groups have a descriptor of 64 bytes each; one in 16 has a bitmap that is written.
    assertScan(image, 81_920 * (64 + 4096 / 16));
  }

  @Test
  void xfs() throws IOException {
    Path image = Guest.sparse(directory.resolve("huge.raw"), SIZE);
    Guest.run("mkfs.xfs", "-q", image);
    // Ten groups with four sectors of headers and two blocks each, and the log around its head.
    assertScan(image, 10 * (4 * 512 + 2 * 4096) + 256 * 512);
  }

  /** Scans in this process and counts, and as a process of its own with a heap of 256 MiB. */
  private static void assertScan(Path image, long metadata) throws IOException {
    try (CountingFile file = new CountingFile(LinuxFile.open(image, Access.READ))) {
      Plan plan = Plan.of(new RawImage(file), Stack.of(file), Set.of());
      assertThat(plan.hasRefusals()).isFalse();
      assertThat(plan.free().total()).isBetween(9 * TIB, SIZE);
      assertThat(file.reads().bytes()).as("bytes read").isLessThanOrEqualTo(metadata * 12 / 10);
    }
    Tools.Result scan =
        Tools.run(
            Path.of(System.getProperty("java.home"), "bin", "java"),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "io.fallow.cli.Main",
            "scan",
            image);
    assertThat(scan.output()).contains("10.0 TiB");
  }
}
