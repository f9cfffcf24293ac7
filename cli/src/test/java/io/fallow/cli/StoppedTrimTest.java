package io.fallow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.HostException;
import io.fallow.testkit.FaultyFile;
import io.fallow.testkit.FaultyFile.Call;
import io.fallow.testkit.FaultyFile.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trim that the host stops in the middle: one line, its own exit code, and a valid image. */
class StoppedTrimTest {

  @TempDir private Path directory;

  private static Run trim(Call call, int errno, Object... arguments) {
    Fault fault = new Fault(EnumSet.of(call), 0, errno, false);
    return Run.trimThrough(file -> new FaultyFile(file, fault), arguments);
  }

  @Test
  void anInputOutputErrorSaysWhereToLook() throws Exception {
    Path disk = Disks.swap(directory.resolve("disk.raw"));
    byte[] before = Files.readAllBytes(disk);
    Run run = trim(Call.PUNCH, HostException.EIO, disk);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .hasLineCount(1)
        .startsWith("fallow: " + disk + " at 0x1000+0x7ff000: punch failed: ")
        .contains("; look at the host's kernel log");
    assertThat(run.out()).contains("nothing came back");
    assertThat(Files.readAllBytes(disk)).isEqualTo(before);
    assertThat(Run.of("trim", disk).out()).contains("released 8.0 MiB");
  }

  @Test
  void storageThatCannotDiscardHasItsOwnExitCode() throws Exception {
    Path disk = Disks.swap(directory.resolve("disk.raw"));
    Run run = trim(Call.PUNCH, HostException.EOPNOTSUPP, "--json", disk);
    assertThat(run.code()).isEqualTo(5);
    assertThat(run.err())
        .hasLineCount(1)
        .contains("punch failed: ")
        .contains("; copy the image to a filesystem such as ext4, XFS or btrfs");
    assertThat(run.out())
        .containsIgnoringWhitespaces(
            "\"error\":{\"code\":5,\"kind\":\"cannot-discard\",\"message\":")
        .containsIgnoringWhitespaces("\"released\":0");
  }

  @Test
  void aFailedFlushIsReportedAndNotTriedAgain() throws Exception {
    Path disk = Disks.swap(directory.resolve("disk.raw"));
    Run run = trim(Call.FLUSH, HostException.EIO, disk);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).hasLineCount(1).contains(": flush failed: ");
  }
}
