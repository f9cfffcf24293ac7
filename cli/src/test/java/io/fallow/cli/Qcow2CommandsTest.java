package io.fallow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.MemoryFile;
import io.fallow.testkit.Qcow2Builder;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands say of qcow2's own features, in text and JSON. */
class Qcow2CommandsTest {

  private static final int BITS = 16;
  private static final int CLUSTER = 1 << BITS;
  private static final int CLUSTERS = 32;

  @TempDir private Path directory;

  private static Qcow2Builder disk() {
    return new Qcow2Builder(3, BITS, (long) CLUSTERS << BITS);
  }

  private Path write(String name, MemoryFile content) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(content.size())];
    content.read(0, MemorySegment.ofArray(bytes));
    return Files.write(directory.resolve(name), bytes);
  }

  private static byte[] data(int seed) {
    return Qcow2Builder.pattern(seed, CLUSTER);
  }

  @Test
  void infoNamesTheSnapshots() throws Exception {
    Path image = write("disk.qcow2", disk().data(0, data(1)).snapshot("before the update").build());
    Run run = Run.of("info", image);
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("qcow2, version 3")
        .contains("SNAPSHOT")
        .contains("before the update")
        .contains("2.0 MiB");
    assertThat(Run.of("info", "--json", image).out())
        .containsIgnoringWhitespaces("\"snapshots\":[{\"id\":")
        .containsIgnoringWhitespaces("\"name\":\"before the update\"")
        .containsIgnoringWhitespaces("\"virtualSize\":2097152");
  }

  @Test
  void infoNamesTheBackingFileAndOpensNothing() throws Exception {
    Path image = write("top.qcow2", disk().backing("missing base.raw").data(0, data(1)).build());
    Run run = Run.of("info", image);
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("backing file").contains("missing base.raw (raw)");
    assertThat(Run.of("info", "--json", image).out())
        .containsIgnoringWhitespaces("\"backingFile\":\"missing base.raw\"")
        .containsIgnoringWhitespaces("\"backingFormat\":\"raw\"");
  }

  @Test
  void leaksAreNoFailure() throws Exception {
    Path image = write("disk.qcow2", disk().data(0, data(1)).leak(data(2)).build());
    Run run = Run.of("check", image);
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("1 leaked cluster: ").contains("leak at 0x");
    assertThat(Run.of("check", "--json", image).out())
        .containsIgnoringWhitespaces("\"leaks\":1,\"corruptions\":0")
        .containsIgnoringWhitespaces("\"kind\":\"leak\"")
        .containsIgnoringWhitespaces("\"error\":null");
  }

  @Test
  void corruptionsAreOneLineAndAFailure() throws Exception {
    Path image = write("disk.qcow2", disk().data(0, data(1)).build());
    clearRefcounts(image);
    byte[] before = Files.readAllBytes(image);
    Run run = Run.of("check", image);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).contains("corruption").contains(" at 0x");
    assertThat(run.err()).hasLineCount(1).contains("is corrupt").contains("qemu-img check -r all");
    assertThat(Run.of("check", "--json", image).out())
        .containsIgnoringWhitespaces("\"kind\":\"stale\"")
        .containsIgnoringWhitespaces("\"error\":{\"code\":1,\"kind\":\"failure\"");
    Run trim = Run.of("trim", image);
    assertThat(trim.code()).isEqualTo(1);
    assertThat(trim.err()).hasLineCount(1).contains("the image is left as it is");
    assertThat(Files.readAllBytes(image)).isEqualTo(before);
  }

  /** Makes every cluster free by its refcount, the header's among them. */
  private static void clearRefcounts(Path image) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.seek(48);
      file.seek(file.readLong());
      file.seek(file.readLong());
      file.write(new byte[CLUSTER]);
    }
  }

  @Test
  void backingFilesElsewhereNeedToBeAllowed() throws Exception {
    Path bases = Files.createDirectories(directory.resolve("all bases"));
    Path images = Files.createDirectories(directory.resolve("the images"));
    Disks.swap(bases.resolve("base.raw"));
    Path top =
        write(
            "the images/top disk.qcow2",
            new Qcow2Builder(3, BITS, 8L * Disks.MIB)
                .backing("../all bases/base.raw")
                .data(20, data(1))
                .build());
    byte[] before = Files.readAllBytes(top);
    for (String command : new String[] {"scan", "trim"}) {
      Run closed = Run.of(command, top);
      assertThat(closed.code()).isEqualTo(1);
      assertThat(closed.err())
          .hasLineCount(1)
          .contains("it lies outside " + images.toRealPath())
          .contains("--backing-root");
    }
    assertThat(Files.readAllBytes(top)).isEqualTo(before);
    Run scan = Run.of("scan", "--backing-root", directory, top);
    assertThat(scan.err()).isEmpty();
    assertThat(scan.code()).isZero();
    assertThat(scan.out()).contains("swap").contains("fallow trim '" + top + "'");
    Run trim = Run.of("trim", "--verify", "--backing-root", directory, top);
    assertThat(trim.err()).isEmpty();
    assertThat(trim.out()).contains("released").contains("are unchanged");
    assertThat(Run.of("check", top).out()).contains("no errors");
  }
}
