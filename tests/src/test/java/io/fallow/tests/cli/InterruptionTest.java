package io.fallow.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.extent.Extent;
import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.testkit.Qcow2Builder;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trim that is told to end in the middle. */
final class InterruptionTest {

  private static final int PAGE = 4096;
  private static final int MIB = 1 << 20;
  private static final long SIZE = 256L * MIB;

  @TempDir private Path directory;

  @Test
  void anInterruptLeavesAValidImageAndItsOwnExitCode() throws Exception {
    Path disk = swap(directory.resolve("a disk.raw"));
    // Hashing 256 MiB of it before anything is released leaves the time for a signal.
    Process trim = Program.start("trim", "--verify", "--ignore", "none", disk);
    assertThat(Program.finish(trim).code()).as("no such volume").isEqualTo(2);

    Process interrupted = Program.start("trim", "--verify", disk);
    awaitLock(disk, interrupted);
    Tools.run("kill", "-INT", interrupted.pid());
    Program ended = Program.finish(interrupted);
    if (ended.code() == 0) {
      // It was faster. What it did is done.
      assertThat(ended.out()).contains("released");
    } else {
      assertThat(ended.code()).isEqualTo(130);
      assertThat(ended.err().lines().filter(line -> !line.isBlank()))
          .allSatisfy(line -> assertThat(line).contains("the image is valid, run trim again"));
    }
    Program again = Program.fallow("trim", "--verify", disk);
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(Program.fallow("scan", disk).out()).contains("swap");
  }

  /** Until the process holds the image, or ended. */
  private static void awaitLock(Path disk, Process process) throws IOException {
    try (LinuxFile file = LinuxFile.open(disk, Access.READ_UNLOCKED)) {
      while (process.isAlive() && !file.isWrittenByOthers()) {
        Thread.onSpinWait();
      }
    }
  }

  private static Path swap(Path path) throws IOException {
    ByteBuffer first = ByteBuffer.allocate(PAGE).order(ByteOrder.LITTLE_ENDIAN);
    first.putInt(0x400, 1); // version
    first.putInt(0x404, (int) (SIZE / PAGE) - 1); // last_page
    first.put(PAGE - 10, "SWAPSPACE2".getBytes(StandardCharsets.US_ASCII));
    Files.createFile(path);
    try (LinuxFile file = LinuxFile.open(path, Access.WRITE)) {
      MemorySegment noise = MemorySegment.ofArray(Qcow2Builder.pattern(1, MIB));
      for (long at = 0; at < SIZE; at += MIB) {
        file.write(at, noise);
      }
      file.write(0, MemorySegment.ofArray(first.array()));
      // Pieces, so that there is something between one punch and the next.
      for (long at = MIB; at < SIZE; at += 2 * PAGE) {
        file.punch(Extent.ofLength(at, PAGE));
      }
    }
    return path;
  }
}
