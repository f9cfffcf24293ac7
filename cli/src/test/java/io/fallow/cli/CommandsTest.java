package io.fallow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands as users run them, on real files. */
class CommandsTest {

  @TempDir private Path directory;

  @Test
  void scanShowsAndChangesNothing() throws Exception {
    Path disk = Disks.swap(directory.resolve("disk.raw"));
    byte[] before = Files.readAllBytes(disk);
    Run run = Run.of("scan", disk);
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("raw, 8.0 MiB")
        .contains("disk    swap  8.0 MiB  4.0 KiB  8.0 MiB     8.0 MiB")
        .contains("fallow trim " + disk);
    assertThat(Files.readAllBytes(disk)).isEqualTo(before);
  }

  @Test
  void trimGivesBackWhatScanShowed() throws Exception {
    Path disk = Disks.swap(directory.resolve("disk.raw"));
    byte[] header = java.util.Arrays.copyOf(Files.readAllBytes(disk), 4096);
    Run run = Run.of("trim", "--verify", disk);
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("released 8.0 MiB  on the host 8.0 MiB → 4.0 KiB")
        .contains("verified  the other 4.0 KiB of the disk are unchanged");
    byte[] after = Files.readAllBytes(disk);
    assertThat(after).startsWith(header).hasSize(8 * Disks.MIB);
    assertThat(java.util.Arrays.copyOfRange(after, 4096, after.length)).containsOnly(0);
    assertThat(Run.of("trim", disk).out()).contains("nothing to release");
  }

  @Test
  void dryRunChangesNothing() throws Exception {
    Path disk = Disks.swap(directory.resolve("disk.raw"));
    byte[] before = Files.readAllBytes(disk);
    Run run = Run.of("trim", "--dry-run", disk);
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("nothing was changed; do it: fallow trim ");
    assertThat(Files.readAllBytes(disk)).isEqualTo(before);
  }

  @Test
  void anIgnoredVolumeIsLeftAlone() throws Exception {
    Path disk = Disks.swap(directory.resolve("disk.raw"));
    byte[] before = Files.readAllBytes(disk);
    Run run = Run.of("trim", "--ignore", "disk", disk);
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("left alone, as asked").contains("nothing to release");
    assertThat(Files.readAllBytes(disk)).isEqualTo(before);
  }

  @Test
  void aMistypedPathToIgnoreIsAnErrorThatNamesTheKnownOnes() throws Exception {
    Path disk = Disks.swap(directory.resolve("disk.raw"));
    byte[] before = Files.readAllBytes(disk);
    Run run = Run.of("trim", "--ignore", "gpt/2", disk);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo("fallow: " + disk + ": has no volume 'gpt/2' to ignore; it has disk\n");
    assertThat(Files.readAllBytes(disk)).isEqualTo(before);
  }

  @Test
  void aRefusedVolumeHasItsOwnExitCode() throws Exception {
    Path disk = Disks.unknown(directory.resolve("disk.raw"));
    byte[] before = Files.readAllBytes(disk);
    for (String command : new String[] {"scan", "trim"}) {
      Run run = Run.of(command, disk);
      assertThat(run.code()).isEqualTo(3);
      assertThat(run.out()).contains("refused: ");
    }
    assertThat(Run.of("trim", "--ignore", "disk", disk).code()).isZero();
    assertThat(Files.readAllBytes(disk)).isEqualTo(before);
  }

  @Test
  void oneImageThatFailsDoesNotStopTheOthers() throws Exception {
    Path swap = Disks.swap(directory.resolve("swap.raw"));
    Path unknown = Disks.unknown(directory.resolve("unknown.raw"));
    Path missing = directory.resolve("missing.raw");
    Run run = Run.of("trim", missing, unknown, swap);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo(
            "fallow: " + missing + ": open failed: No such file or directory; check the path\n");
    assertThat(run.out()).contains("refused: ").contains("released 8.0 MiB");
  }

  @Test
  void quietPrintsNothing() throws Exception {
    Path disk = Disks.swap(directory.resolve("disk.raw"));
    assertThat(Run.of("scan", "--quiet", disk)).isEqualTo(new Run(0, "", ""));
    assertThat(Run.inTerminal("trim", "--quiet", disk)).isEqualTo(new Run(0, "", ""));
  }

  @Test
  void aTerminalGetsColoursAMapAndProgress() throws Exception {
    Path disk = Disks.swap(directory.resolve("disk.raw"));
    Run run = Run.inTerminal("trim", disk);
    assertThat(run.out()).contains("\u001b[32m▒").contains("one character is");
    assertThat(run.err()).contains("100 % punching").endsWith("\r\u001b[K");
    assertThat(Run.inTerminal("scan", "--no-map", disk).out()).doesNotContain("one character is");
    assertThat(Run.of("scan", "--map", disk).out()).contains("one character is").isNotEmpty();
  }

  @Test
  void sizesCanBeExact() throws Exception {
    Path disk = Disks.swap(directory.resolve("disk.raw"));
    assertThat(Run.of("scan", "--bytes", disk).out()).contains("8388608  4096  8384512");
  }

  @Test
  void aHeaderThatContradictsTheNameIsRefusedUntouched() throws Exception {
    Path disk = directory.resolve("disk.img");
    Files.write(disk, new byte[] {'Q', 'F', 'I', (byte) 0xfb, 0, 0, 0, 3, 0, 0, 0, 0});
    Run run = Run.of("trim", disk);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("use --format raw or --format qcow2");
  }

  @Test
  void foreignFormatsAreRefusedByName() throws Exception {
    Path disk = Files.writeString(directory.resolve("disk.vmdk"), "KDMV and so on");
    Run run = Run.of("scan", disk);
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err()).contains("VMDK files").hasLineCount(1);
  }

  @Test
  void infoAndCheckOfARawDisk() throws Exception {
    Path disk = Disks.swap(directory.resolve("disk.raw"));
    Run info = Run.of("info", disk);
    assertThat(info.code()).isZero();
    assertThat(info.out()).contains("format        raw").contains("virtual size  8.0 MiB");
    assertThat(Run.of("check", disk))
        .isEqualTo(new Run(0, disk + "  raw has nothing to check\n", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"scan", "trim", "info", "check", "demo"})
  void everyCommandHasHelpWithExamples(String command) {
    Run run = Run.of(command, "--help");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("Usage: fallow " + command)
        .contains("Examples:\n  fallow " + command)
        .contains("--json");
    assertThat(Run.of("help", command).out()).isEqualTo(run.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "scan",
        "scna disk.raw",
        "scan --nope disk.raw",
        "trim",
        "info a b",
        "info",
        "scan --format vmdk x",
        "trim --format",
        "demo disk"
      })
  void wrongUsageIsOneLineThatNamesTheHelp(String line) {
    Run run = Run.of((Object[]) (line.isEmpty() ? new String[0] : line.split(" ")));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("fallow: ").endsWith(" --help'\n").hasLineCount(1);
  }

  @Test
  void versionAndHelp() {
    assertThat(Run.of("--version").out()).matches("fallow \\d+\\.\\d+.*\n");
    assertThat(Run.of("-V")).isEqualTo(Run.of("--version"));
    assertThat(Run.of("--help").out())
        .contains("scan", "trim", "info", "check", "demo")
        .contains("Exit codes:")
        .contains("Examples:");
  }

  @Test
  void aStackTraceIsForThoseWhoDebug() {
    Path missing = directory.resolve("missing");
    assertThat(Run.of("scan", missing).err()).hasLineCount(1);
    assertThat(Run.of("scan", "--debug", missing).err())
        .contains("HostException")
        .contains("\tat ");
  }

  @Test
  void theDemoProvesItself() throws Exception {
    Run run = Run.of("demo", "--keep", directory.resolve("demo"));
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("gpt/2  ext4")
        .contains("gpt/3  xfs")
        .contains("gpt/4  swap")
        .contains("are unchanged, SHA-256")
        .contains("BEFORE")
        .contains("fallow scan disk.qcow2");
    Path kept = directory.resolve("demo").resolve("demo.qcow2");
    assertThat(Run.of("check", kept).out()).contains("no errors");
    assertThat(Run.of("scan", kept).out()).doesNotContain("fallow trim");
    Run info = Run.of("info", kept);
    assertThat(info.out()).contains("qcow2, version 3").contains("cluster size  64.0 KiB");
  }
}
