package io.fallow.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fallow.device.HostException;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which locks are taken, and which of Fallow's own accesses exclude each other. */
class ImageLockTest {

  @TempDir Path directory;

  private Path image;

  @BeforeEach
  void create() throws IOException {
    image = Files.createFile(directory.resolve("disk.raw"));
  }

  @Test
  void aWriterExcludesAllOthers() throws IOException {
    try (LinuxFile writer = LinuxFile.open(image, Access.WRITE)) {
      assertThat(writer.isLocked()).isTrue();
      assertRefused(Access.WRITE, "is writing it");
      assertRefused(Access.READ, "is writing it");
      // What was refused has let go of its locks.
      assertThat(writer.isWrittenByOthers()).isFalse();
    }
    LinuxFile.open(image, Access.WRITE).close();
  }

  @Test
  void readersExcludeWritersOnly() throws IOException {
    try (LinuxFile first = LinuxFile.open(image, Access.READ);
        LinuxFile second = LinuxFile.open(image, Access.READ)) {
      assertThat(first.isLocked() && second.isLocked()).isTrue();
      assertRefused(Access.WRITE, "is using it");
    }
    LinuxFile.open(image, Access.WRITE).close();
  }

  @Test
  void closingAnotherDescriptorKeepsTheLock() throws IOException {
    try (LinuxFile writer = LinuxFile.open(image, Access.WRITE)) {
      FileChannel.open(image, StandardOpenOption.READ).close();
      assertRefused(Access.WRITE, "is writing it");
      assertThat(writer.isLocked()).isTrue();
    }
  }

  @Test
  void anExclusiveLockOfAnotherProgramIsRespected() throws IOException {
    try (FileChannel other = FileChannel.open(image, StandardOpenOption.WRITE)) {
      assertThat(other.lock().isValid()).isTrue();
      // A lock of this kind ends as soon as this process closes the file anywhere: one try only.
      assertRefused(Access.READ, "has locked it");
    }
  }

  @Test
  void theBytesAreThoseOfQemu() throws IOException {
    assertThat(lockedBytes(Access.WRITE)).containsExactly(100, 101, 103, 201, 203);
    assertThat(lockedBytes(Access.READ)).containsExactly(100, 201, 203);
    assertThat(lockedBytes(Access.READ_UNLOCKED)).isEmpty();
  }

  @Test
  void whereThereAreNoLocksWritingMustBeForced() throws IOException {
    assertThatThrownBy(() -> LinuxFile.open(image, Access.WRITE, new WithoutLocks()))
        .hasMessageContaining("its filesystem has no locks")
        .hasMessageContaining("--force");
    try (LinuxFile file = LinuxFile.open(image, Access.WRITE_FORCED, new WithoutLocks())) {
      assertThat(file.isLocked()).isFalse();
    }
    try (LinuxFile file = LinuxFile.open(image, Access.READ, new WithoutLocks())) {
      assertThat(file.isLocked()).isFalse();
    }
  }

  @Test
  void anImageReplacedWhileItIsLockedIsRefused() {
    Libc replacing =
        new Libc() {
          @Override
          long lockShared(int fd, long offset) {
            try {
              Path other = Files.write(directory.resolve("new"), new byte[1]);
              Files.move(other, image, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException failure) {
              throw new AssertionError(failure);
            }
            return super.lockShared(fd, offset);
          }
        };
    assertThatThrownBy(() -> LinuxFile.open(image, Access.WRITE, replacing))
        .hasMessage(image + ": another process has just put a different file in its place");
  }

  @Test
  void aLockThatFailsForAnotherReasonIsReported() {
    Libc failing =
        new Libc() {
          @Override
          long lockShared(int fd, long offset) {
            return -HostException.EIO;
          }
        };
    assertThatThrownBy(() -> LinuxFile.open(image, Access.WRITE_FORCED, failing))
        .isInstanceOf(HostException.class)
        .hasMessage(image + ": lock failed: Input/output error");
  }

  @Test
  void anImageOnALoopDeviceIsInUse() throws Exception {
    Tools.requireRoot();
    Files.write(image, new byte[1 << 20]);
    String device = attach();
    try {
      assertThatThrownBy(() -> LinuxFile.open(image, Access.WRITE))
          .isInstanceOf(ImageInUseException.class)
          .hasMessage(
              "%s: it is attached as %s. Unmount it and run losetup -d %s first, or run fstrim on"
                      .formatted(image, device, device)
                  + " the mounted filesystem; scan can read an image in use");
      assertThatThrownBy(() -> LinuxFile.open(image, Access.READ))
          .isInstanceOf(ImageInUseException.class);
      try (LinuxFile file = LinuxFile.open(image, Access.READ_UNLOCKED)) {
        assertThat(file.isWrittenByOthers()).isTrue();
      }
    } finally {
      Tools.run("losetup", "-d", device);
    }
    LinuxFile.open(image, Access.WRITE).close();
  }

  @Test
  void anImageOnALoopDeviceThatOnlyReadsMayBeRead() throws Exception {
    Tools.requireRoot();
    Files.write(image, new byte[1 << 20]);
    String device = attach("--read-only");
    try {
      assertThatThrownBy(() -> LinuxFile.open(image, Access.WRITE))
          .isInstanceOf(ImageInUseException.class);
      try (LinuxFile file = LinuxFile.open(image, Access.READ)) {
        assertThat(file.isWrittenByOthers()).isFalse();
      }
    } finally {
      Tools.run("losetup", "-d", device);
    }
  }

  private String attach(String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("losetup", "--find", "--show"));
    command.addAll(List.of(options));
    command.add(image.toString());
    return Tools.run(command).output().strip();
  }

  private void assertRefused(Access access, String what) {
    assertThatThrownBy(() -> LinuxFile.open(image, access))
        .isInstanceOf(ImageInUseException.class)
        .hasMessageContaining("another process " + what + ".");
  }

  private List<Integer> lockedBytes(Access access) throws IOException {
    List<Integer> locked = new ArrayList<>();
    Libc libc = Libc.create();
    try (LinuxFile file = LinuxFile.open(image, access)) {
      assertThat(file.isLocked()).isEqualTo(access.locks());
      int fd = (int) libc.open(image, Libc.O_RDONLY);
      for (int offset = 0; offset < 400; offset++) {
        if (libc.testLock(fd, offset) == 1) {
          locked.add(offset);
        }
      }
      assertThat(libc.close(fd)).isZero();
    }
    libc.release();
    return locked;
  }

  private static final class WithoutLocks extends Libc {
    @Override
    long lockShared(int fd, long offset) {
      return -ENOLCK;
    }
  }
}
