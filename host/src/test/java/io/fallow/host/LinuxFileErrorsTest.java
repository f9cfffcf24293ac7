package io.fallow.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fallow.device.HostException;
import io.fallow.extent.Extent;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way to fail, and what is said then. */
class LinuxFileErrorsTest {

  private static final MemorySegment BLOCK = MemorySegment.ofArray(new byte[4096]).asReadOnly();

  @TempDir Path directory;

  private Path image;

  @BeforeEach
  void create() throws IOException {
    image = Files.write(directory.resolve("disk.raw"), new byte[8192]);
  }

  @Test
  void aMissingFileIsNamed() {
    Path missing = directory.resolve("missing.raw");
    assertThatThrownBy(() -> LinuxFile.open(missing, Access.READ))
        .isInstanceOfSatisfying(
            HostException.class, e -> assertThat(e.errno()).isEqualTo(HostException.ENOENT))
        .hasMessage(missing + ": open failed: No such file or directory");
  }

  @Test
  void onlyRegularFilesAreOpened() throws Exception {
    assertThatThrownBy(() -> LinuxFile.open(directory, Access.READ))
        .hasMessage(directory + ": is a directory; name the regular file that holds the image");
    assertThatThrownBy(() -> LinuxFile.open(Path.of("/dev/null"), Access.WRITE))
        .hasMessageStartingWith("/dev/null: is a character device; ");
    Path pipe = directory.resolve("pipe");
    Tools.run("mkfifo", pipe.toString());
    assertThatThrownBy(() -> LinuxFile.open(pipe, Access.READ))
        .hasMessageStartingWith(pipe + ": is a pipe; ");
  }

  @Test
  void symbolicLinksAreFollowed() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link.raw"), image);
    try (LinuxFile file = LinuxFile.open(link, Access.WRITE)) {
      assertThat(file.size()).isEqualTo(8192);
      file.verifyUnchanged();
    }
    Path dangling = Files.createSymbolicLink(directory.resolve("none"), directory.resolve("x"));
    assertThatThrownBy(() -> LinuxFile.open(dangling, Access.READ))
        .hasMessage(dangling + ": open failed: No such file or directory");
  }

  @Test
  void aPathThatIsTooLongIsRefused() {
    Path path = Path.of("/" + "x".repeat(5000));
    assertThatThrownBy(() -> LinuxFile.open(path, Access.READ))
        .isInstanceOf(IOException.class)
        .hasMessage(path + ": the path is too long");
  }

  @Test
  void aFileForReadingIsNotChanged() throws IOException {
    try (LinuxFile file = LinuxFile.open(image, Access.READ)) {
      assertThat(file.writable()).isFalse();
      String expected = image + ": is open for reading only";
      assertThatThrownBy(() -> file.write(0, BLOCK)).hasMessage(expected);
      assertThatThrownBy(() -> file.punch(new Extent(0, 4096))).hasMessage(expected);
      assertThatThrownBy(() -> file.resize(0)).hasMessage(expected);
      file.flush();
    }
  }

  @Test
  void aClosedFileDoesNothing() throws IOException {
    LinuxFile file = LinuxFile.open(image, Access.WRITE);
    file.close();
    file.close();
    String expected = image + ": is closed";
    assertThatThrownBy(() -> file.read(0, MemorySegment.ofArray(new byte[1]))).hasMessage(expected);
    assertThatThrownBy(() -> file.write(0, BLOCK)).hasMessage(expected);
    assertThatThrownBy(() -> file.punch(new Extent(0, 4096))).hasMessage(expected);
    assertThatThrownBy(() -> file.resize(0)).hasMessage(expected);
    assertThatThrownBy(file::flush).hasMessage(expected);
    assertThatThrownBy(file::allocatedBytes).hasMessage(expected);
    assertThatThrownBy(() -> file.allocated(new Extent(0, 1))).hasMessage(expected);
    assertThatThrownBy(file::verifyUnchanged).hasMessage(expected);
    assertThatThrownBy(file::isWrittenByOthers).hasMessage(expected);
    assertThat(Files.size(image)).isEqualTo(8192);
  }

  @Test
  void aFailedFlushIsFinal() throws IOException {
    Libc failing =
        new Libc() {
          @Override
          long fdatasync(int fd) {
            return -HostException.EIO;
          }
        };
    String expected = image + ": flush failed: Input/output error";
    try (LinuxFile file = LinuxFile.open(image, Access.WRITE, failing)) {
      file.write(0, BLOCK);
      assertThatThrownBy(file::flush).isInstanceOf(HostException.class).hasMessage(expected);
      assertThatThrownBy(file::flush).isInstanceOf(HostException.class).hasMessage(expected);
      assertThatThrownBy(() -> file.write(0, BLOCK)).hasMessage(expected);
      assertThatThrownBy(() -> file.punch(new Extent(0, 4096))).hasMessage(expected);
      assertThatThrownBy(() -> file.resize(0)).hasMessage(expected);
      file.read(0, MemorySegment.ofArray(new byte[8192]));
    }
  }

  @Test
  void failuresNameTheBytes() throws IOException {
    Libc full =
        new Libc() {
          @Override
          long pwrite(int fd, MemorySegment source, long offset) {
            return -HostException.ENOSPC;
          }

          @Override
          long pread(int fd, MemorySegment target, long offset) {
            return -HostException.EIO;
          }
        };
    try (LinuxFile file = LinuxFile.open(image, Access.WRITE, full)) {
      assertThatThrownBy(() -> file.write(4096, BLOCK))
          .isInstanceOfSatisfying(
              HostException.class,
              e -> {
                assertThat(e.errno()).isEqualTo(HostException.ENOSPC);
                assertThat(e.range()).isEqualTo(new Extent(4096, 8192));
              })
          .hasMessage(image + " at 0x1000+0x1000: write failed: No space left on device");
      assertThatThrownBy(() -> file.read(512, MemorySegment.ofArray(new byte[512])))
          .hasMessage(image + " at 0x200+0x200: read failed: Input/output error");
    }
  }

  @Test
  void shortTransfersGoOn() throws IOException {
    Libc slow =
        new Libc() {
          @Override
          long pread(int fd, MemorySegment target, long offset) {
            return super.pread(fd, target.asSlice(0, Math.min(7, target.byteSize())), offset);
          }

          @Override
          long pwrite(int fd, MemorySegment source, long offset) {
            return super.pwrite(fd, source.asSlice(0, Math.min(11, source.byteSize())), offset);
          }
        };
    byte[] content = new byte[1000];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) i;
    }
    try (LinuxFile file = LinuxFile.open(image, Access.WRITE, slow)) {
      file.write(100, MemorySegment.ofArray(content));
      byte[] back = new byte[1000];
      file.read(100, MemorySegment.ofArray(back));
      assertThat(back).isEqualTo(content);
    }
  }

  @Test
  void withoutAnyMapEverythingTakesSpace() throws IOException {
    Libc plain =
        new Libc() {
          @Override
          long fiemap(int fd) {
            return -HostException.EOPNOTSUPP;
          }

          @Override
          long seek(int fd, long offset, int whence) {
            return -HostException.EINVAL;
          }
        };
    try (LinuxFile file = LinuxFile.open(image, Access.WRITE, plain)) {
      file.resize(1 << 20);
      assertThat(file.allocated(file.extent()).total()).isEqualTo(1 << 20);
    }
  }

  @Test
  void aFilesystemThatCannotPunchSaysSo() throws Exception {
    Tools.requireRoot();
    Tools.Result mounted = Tools.attempt("mount", "-t", "ramfs", "ramfs", directory.toString());
    Tools.require(mounted.exit() == 0, "needs to mount a ramfs");
    try {
      Path inMemory = Files.write(directory.resolve("disk.raw"), new byte[8192]);
      try (LinuxFile file = LinuxFile.open(inMemory, Access.WRITE)) {
        assertThatThrownBy(() -> file.punch(new Extent(0, 4096)))
            .isInstanceOfSatisfying(
                HostException.class, e -> assertThat(e.isUnsupported()).isTrue())
            .hasMessage(
                inMemory
                    + " at 0x0+0x1000: punch failed: Operation not supported; the filesystem that"
                    + " holds the file cannot give parts of it back");
        assertThat(file.allocated(file.extent()).total()).isEqualTo(8192);
      }
    } finally {
      Tools.run("umount", directory.toString());
    }
  }

  @Test
  void aFullFilesystemIsReported() throws Exception {
    Tools.requireRoot();
    Tools.Result mounted =
        Tools.attempt("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory.toString());
    Tools.require(mounted.exit() == 0, "needs to mount a tmpfs");
    try {
      Path small = Files.createFile(directory.resolve("disk.raw"));
      try (LinuxFile file = LinuxFile.open(small, Access.WRITE)) {
        byte[] content = new byte[1 << 20];
        assertThatThrownBy(() -> file.write(0, MemorySegment.ofArray(content)))
            .isInstanceOf(HostException.class)
            .hasMessage(small + " at 0x0+0x100000: write failed: No space left on device");
        assertThat(file.size()).isEqualTo(Files.size(small));
      }
    } finally {
      Tools.run("umount", directory.toString());
    }
  }
}
