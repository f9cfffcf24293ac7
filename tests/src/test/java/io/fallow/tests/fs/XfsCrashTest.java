package io.fallow.tests.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.extent.ExtentSet;
import io.fallow.format.Content;
import io.fallow.format.FileSystem;
import io.fallow.format.Refusal.Kind;
import io.fallow.format.Refused;
import io.fallow.testkit.tools.Tools;
import io.fallow.tests.fs.XfsTools.Mount;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Copies of a disk that the kernel has mounted, or had when it stopped: what was synced is never
 * called free, and a log that xfsprogs call dirty is never accepted.
 */
class XfsCrashTest {

  @TempDir private Path folder;

  private Path image;

  @BeforeAll
  static void tools() throws IOException {
    XfsTools.needMounts();
  }

  @BeforeEach
  void make() throws IOException {
    image = folder.resolve("disk");
    XfsTools.must("truncate", "-s", "64M", image.toString());
    XfsTools.must("mkfs.xfs", "-q", "--unsupported", image.toString());
  }

  private Mount mount(String options) throws IOException {
    return Mount.of(image, folder.resolve("mount"), options);
  }

  private static void writeSynced(Path file, int size, int content) throws IOException {
    byte[] bytes = new byte[size];
    new Random(content).nextBytes(bytes);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  @Test
  void refusesAfterSyncedWrite() throws IOException {
    try (Mount mount = mount("")) {
      writeSynced(mount.at().resolve("precious"), 8 << 20, 1);
      refused(XfsTools.copy(image, "copy"));
    }
    assertThat(accepted(image).overlaps(ExtentSet.of(0, 4096))).isFalse();
  }

  @Test
  void refusesWhileFrozen() throws IOException {
    try (Mount mount = mount("")) {
      writeSynced(mount.at().resolve("precious"), 1 << 20, 1);
      XfsTools.must("xfs_freeze", "-f", mount.at().toString());
      Path copy = XfsTools.copy(image, "copy");
      XfsTools.must("xfs_freeze", "-u", mount.at().toString());
      refused(copy);
    }
  }

  @Test
  void acceptsOnceReadOnly() throws IOException {
    try (Mount mount = mount("")) {
      writeSynced(mount.at().resolve("precious"), 1 << 20, 1);
      XfsTools.must("mount", "-o", "remount,ro", mount.at().toString());
      Path copy = XfsTools.copy(image, "copy");
      assertThat(XfsTools.logIsClean(copy)).isTrue();
      losesNothing(copy, contents(mount.at()));
    }
  }

  @Test
  void refusesAfterShutdownUntilReplayed() throws IOException {
    try (Mount mount = mount("")) {
      writeSynced(mount.at().resolve("precious"), 1 << 20, 1);
      XfsTools.must("xfs_io", "-x", "-c", "shutdown -f", mount.at().toString());
    }
    refused(image);
    Map<String, String> contents;
    try (Mount mount = mount("")) {
      contents = contents(mount.at());
    }
    losesNothing(image, contents);
  }

  /** xfs_admin clears the log of a filesystem that it gives another UUID. */
  @Test
  void acceptsClearedLogUntilWritten() throws IOException {
    try (Mount mount = mount("")) {
      writeSynced(mount.at().resolve("first"), 1 << 20, 1);
    }
    XfsTools.must("xfs_admin", "-U", "generate", image.toString());
    assertThat(accepted(image)).isEqualTo(XfsTools.xfsDbFree(image));
    try (Mount mount = mount("")) {
      writeSynced(mount.at().resolve("precious"), 1 << 20, 1);
      refused(XfsTools.copy(image, "copy"));
    }
    assertThat(accepted(image)).isEqualTo(XfsTools.xfsDbFree(image));
  }

  /** Every change is written to the log at once, until that has gone round. */
  @Test
  void followsTheLogRoundItsEnd() throws IOException {
    for (int round = 0; round < 8; round++) {
      try (Mount mount = mount(",wsync")) {
        for (int i = 0; i < 700; i++) {
          Files.createDirectory(mount.at().resolve("d" + i));
        }
        if (round % 3 == 0) {
          refused(XfsTools.copy(image, "copy"));
        }
        for (int i = 0; i < 700; i++) {
          Files.delete(mount.at().resolve("d" + i));
        }
      }
      assertThat(accepted(image)).as("round %d", round).isEqualTo(XfsTools.xfsDbFree(image));
    }
    assertThat(XfsTools.logLap(image)).as("laps of the log").isGreaterThan(1);
  }

  @Test
  void acceptsNoCopyThatXfsprogsCallDirty() throws IOException {
    Random random = new Random(20);
    int clean = 0;
    for (int round = 0; round < 12; round++) {
      try (Mount mount = mount(random.nextBoolean() ? "" : ",logbsize=256k")) {
        int steps = random.nextInt(12);
        for (int step = 0; step < steps; step++) {
          Path file = mount.at().resolve("f" + random.nextInt(6));
          switch (random.nextInt(4)) {
            case 0 -> Files.deleteIfExists(file);
            case 1 -> Files.write(file, new byte[random.nextInt(1 << 20)]);
            case 2 -> XfsTools.must("sync", "-f", mount.at().toString());
            default -> writeSynced(file, random.nextInt(1 << 20), step);
          }
        }
        Path copy = XfsTools.copy(image, "copy");
        if (XfsTools.logIsClean(copy)) {
          clean++;
          losesNothing(copy, steps == 0 ? contents(mount.at()) : Map.of());
        } else {
          refused(copy);
        }
      }
    }
    assertThat(clean).isLessThan(12);
  }

  private static void refused(Path copy) throws IOException {
    assertThat(XfsTools.logIsClean(copy)).as("clean by xfs_logprint").isFalse();
    Content content = XfsTools.open(copy);
    assertThat(content)
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.refusal().kind()).isEqualTo(Kind.UNCLEAN));
  }

  private static ExtentSet accepted(Path image) throws IOException {
    return ((FileSystem) XfsTools.open(image)).free();
  }

  /** Overwrites all that is called free; then the kernel must find every file as it was. */
  private void losesNothing(Path copy, Map<String, String> expected) throws IOException {
    ExtentSet free = accepted(copy);
    assertThat(free.total()).isPositive();
    try (RandomAccessFile file = new RandomAccessFile(copy.toFile(), "rw")) {
      byte[] junk = new byte[1 << 16];
      new Random(3).nextBytes(junk);
      for (int run = 0; run < free.runs(); run++) {
        for (long at = free.start(run); at < free.end(run); at += junk.length) {
          file.seek(at);
          file.write(junk, 0, (int) Math.min(junk.length, free.end(run) - at));
        }
      }
    }
    XfsTools.must("xfs_repair", "-n", copy.toString());
    try (Mount mount = Mount.of(copy, folder.resolve("other"), ",ro,nouuid")) {
      assertThat(contents(mount.at())).containsAllEntriesOf(expected);
    }
  }

  /** The hash of each file that a test wrote, by name. */
  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    String sums = Tools.attempt("sh", "-c", "cd " + folder + " && sha256sum f* p*").output();
    for (String line : sums.lines().toList()) {
      if (!line.contains("No such file")) {
        contents.put(line.substring(66), line.substring(0, 64));
      }
    }
    return contents;
  }
}
