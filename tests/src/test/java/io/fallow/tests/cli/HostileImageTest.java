package io.fallow.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.MemoryFile;
import io.fallow.testkit.Qcow2Builder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images made to mislead, given to whole processes: a clear end, and not a byte changed. */
@Timeout(60)
final class HostileImageTest {

  private static final int BITS = 16;

  @TempDir private Path directory;

  private Path write(Qcow2Builder builder, long at, byte... change) throws IOException {
    MemoryFile file = builder.build();
    file.write(at, MemorySegment.ofArray(change));
    byte[] bytes = new byte[Math.toIntExact(file.size())];
    file.read(0, MemorySegment.ofArray(bytes));
    return Files.write(directory.resolve("disk.qcow2"), bytes);
  }

  private static Qcow2Builder disk() {
    return new Qcow2Builder(3, BITS, 64L << BITS).data(0, Qcow2Builder.pattern(1, 1 << BITS));
  }

  private static void assertRefused(Path image, int code) throws IOException {
    byte[] before = Files.readAllBytes(image);
    for (String command : new String[] {"scan", "trim", "check"}) {
      Program run = Program.fallow(command, image);
      assertThat(run.code()).as("%s: %s", command, run.err()).isEqualTo(code);
      assertThat(run.err())
          .hasLineCount(1)
          .startsWith("fallow: " + image)
          .doesNotContain("Exception");
      assertThat(Files.readAllBytes(image)).as("after %s", command).isEqualTo(before);
    }
  }

  /** Fields of the header, by the specification. */
  @ParameterizedTest
  @CsvSource({
    "cluster_bits, 23, 63, 1",
    "the size of the disk, 24, 127, 1",
    "l1_size, 36, 127, 1",
    "l1_table_offset, 40, 127, 1",
    "refcount_table_offset, 48, 127, 1",
    "refcount_table_clusters, 56, 127, 1",
    "nb_snapshots, 60, 127, 1",
    "an unknown incompatible feature, 72, 64, 3",
    "refcount_order, 99, 7, 1"
  })
  void absurdHeaders(String field, long offset, byte value, int code) throws IOException {
    assertThat(field).isNotEmpty();
    assertRefused(write(disk(), offset, value), code);
  }

  @Test
  void aBackingFileThatNamesTheHostsSecrets() throws IOException {
    Path image = write(disk().backing("/etc/passwd"), 0, (byte) 'Q');
    byte[] before = Files.readAllBytes(image);
    Program scan = Program.fallow("scan", image);
    assertThat(scan.code()).isEqualTo(1);
    assertThat(scan.err()).hasLineCount(1).contains("it lies outside").doesNotContain("root:");
    assertThat(Files.readAllBytes(image)).isEqualTo(before);
  }
}
