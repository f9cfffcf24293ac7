package io.fallow.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fallow.testkit.tools.Tools;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fallow and real QEMU processes keep out of each other's images. */
class QemuLockTest {

  @TempDir Path directory;

  private Path image;

  @BeforeEach
  void create() throws Exception {
    image = directory.resolve("disk.qcow2");
    Tools.run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "64M");
  }

  @Test
  void anImageOfAPausedGuestIsInUse() throws Exception {
    try (Qemu guest = Qemu.guest(image)) {
      assertRefused(Access.WRITE);
      assertRefused(Access.WRITE_FORCED);
      assertRefused(Access.READ);
      assertReadableWithoutLock();
      guest.stop();
    }
    LinuxFile.open(image, Access.WRITE).close();
  }

  @Test
  void anImageThatQemuIoWritesIsInUse() throws Exception {
    try (Qemu writer = Qemu.io(image)) {
      assertRefused(Access.WRITE);
      assertRefused(Access.READ);
      assertReadableWithoutLock();
      writer.stop();
    }
    LinuxFile.open(image, Access.WRITE).close();
  }

  @Test
  void whatFallowWritesQemuLeavesAlone() throws Exception {
    try (LinuxFile file = LinuxFile.open(image, Access.WRITE)) {
      assertThat(file.isLocked()).isTrue();
      assertThat(file.isWrittenByOthers()).isFalse();
      assertThat(qemuIo().all()).contains("Failed to get \"write\" lock");
      assertThat(qemuIo("-r").all()).contains("Failed to get shared \"write\" lock");
      Tools.Result guest = Tools.attempt(Qemu.guestCommand(image));
      assertThat(guest.exit()).isNotZero();
      assertThat(guest.all()).contains("Failed to get \"write\" lock");
    }
    assertThat(qemuIo().all()).contains("read 512/512 bytes");
  }

  @Test
  void whatFallowReadsQemuMayReadAndNotWrite() throws Exception {
    try (LinuxFile file = LinuxFile.open(image, Access.READ)) {
      assertThat(file.isLocked()).isTrue();
      assertThat(qemuIo("-r").all()).contains("read 512/512 bytes");
      assertThat(qemuIo().all()).contains("Failed to get \"write\" lock");
    }
  }

  @Test
  void whatQemuReadsFallowMayReadAndNotWrite() throws Exception {
    try (Qemu reader = Qemu.io(image, "-r")) {
      try (LinuxFile file = LinuxFile.open(image, Access.READ)) {
        assertThat(file.isLocked()).isTrue();
      }
      assertThatThrownBy(() -> LinuxFile.open(image, Access.WRITE))
          .isInstanceOf(ImageInUseException.class)
          .hasMessageContaining("another process is using it");
      try (LinuxFile file = LinuxFile.open(image, Access.READ_UNLOCKED)) {
        assertThat(file.isWrittenByOthers()).isFalse();
      }
      reader.stop();
    }
  }

  private void assertRefused(Access access) {
    assertThatThrownBy(() -> LinuxFile.open(image, access))
        .isInstanceOfSatisfying(
            ImageInUseException.class,
            refused -> assertThat(refused.image()).isEqualTo(image.toString()))
        .hasMessage(
            image
                + ": another process is writing it. Shut the guest down first, or run fstrim inside"
                + " it; scan can read an image in use");
  }

  private void assertReadableWithoutLock() throws IOException {
    try (LinuxFile file = LinuxFile.open(image, Access.READ_UNLOCKED)) {
      assertThat(file.isLocked()).isFalse();
      assertThat(file.isWrittenByOthers()).isTrue();
      byte[] magic = new byte[4];
      file.read(0, MemorySegment.ofArray(magic));
      assertThat(magic).containsExactly('Q', 'F', 'I', 0xfb);
    }
  }

  private Tools.Result qemuIo(String... options) throws Exception {
    return Tools.attempt("qemu-io", List.of(options), "-c", "read 0 512", image);
  }

  /** A QEMU process that holds an image until it is told to stop. */
  private static final class Qemu implements AutoCloseable {

    private final Process process;
    private final BufferedReader output;
    private final Writer input;
    private final String farewell;

    private Qemu(Process process, String greeting, String answer, String farewell)
        throws IOException {
      this.process = process;
      this.output = process.inputReader();
      this.input = process.outputWriter();
      this.farewell = farewell;
      send(greeting);
      Tools.await(output, answer);
    }

    static List<String> guestCommand(Path image) {
      return List.of(
          "qemu-system-x86_64",
          "-machine",
          "none",
          "-accel",
          "tcg",
          "-nodefaults",
          "-S",
          "-display",
          "none",
          "-qmp",
          "stdio",
          "-drive",
          "file=" + image + ",format=qcow2,if=none,id=d");
    }

    static Qemu guest(Path image) throws IOException {
      return new Qemu(
          Tools.start(guestCommand(image)),
          "{\"execute\": \"qmp_capabilities\"}",
          "\"return\"",
          "{\"execute\": \"quit\"}");
    }

    static Qemu io(Path image, String... options) throws IOException {
      return new Qemu(
          Tools.start("qemu-io", List.of(options), image),
          "read 0 512",
          "read 512/512 bytes",
          "quit");
    }

    /** Lets it end of its own accord. */
    void stop() throws IOException, InterruptedException {
      send(farewell);
      while (output.readLine() != null) {
        // Its last words.
      }
      assertThat(process.waitFor()).isZero();
    }

    private void send(String line) throws IOException {
      input.write(line + "\n");
      input.flush();
    }

    @Override
    public void close() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }
  }
}
