package io.fallow.host;

import io.fallow.device.HostException;
import java.io.IOException;

/**
 * Locks an image among processes the way QEMU does ({@code block/file-posix.c}): each permission
 * that a process uses is a shared lock on one byte of the file, each that it denies to others is
 * one on another byte, and conflicts are found by asking for the opposite bytes.
 *
 * <p>The locks belong to the open file, and end with it. The JDK's own {@code FileLock} belongs to
 * the process, and ends when the process closes <em>any</em> descriptor of the file.
 */
final class ImageLock {

  /** The byte of permission 0; a lock says that the permission is used. */
  private static final int USED = 100;

  /** The byte of permission 0; a lock says that the permission is denied to others. */
  private static final int DENIED = 200;

  private static final int CONSISTENT_READ = 0;
  private static final int WRITE = 1;
  private static final int RESIZE = 3;

  private static final int[] CHANGES = {WRITE, RESIZE};
  private static final int[] OF_A_READER = {CONSISTENT_READ};
  private static final int[] OF_A_WRITER = {CONSISTENT_READ, WRITE, RESIZE};

  private ImageLock() {}

  /**
   * Locks the image for reading, which denies writing to others, or for writing.
   *
   * @return whether it is locked: false if the host's filesystem has no such locks
   * @throws ImageInUseException if another process is in the way; some bytes may be locked then,
   *     until the file is closed
   */
  static boolean acquire(Libc libc, int fd, String image, boolean forWriting) throws IOException {
    int[] permissions = forWriting ? OF_A_WRITER : OF_A_READER;
    for (int permission : permissions) {
      if (!lock(libc, fd, image, USED + permission)) {
        return false;
      }
    }
    for (int change : CHANGES) {
      if (!lock(libc, fd, image, DENIED + change)) {
        return false;
      }
    }
    // Two that lock at the same time both see the other now, and both give way.
    for (int change : CHANGES) {
      if (isTaken(libc, fd, image, USED + change)) {
        throw ImageInUseException.byProcess(image, "is writing it");
      }
    }
    for (int permission : permissions) {
      if (isTaken(libc, fd, image, DENIED + permission)) {
        throw ImageInUseException.byProcess(
            image, permission == CONSISTENT_READ ? "lets no one read it" : "is using it");
      }
    }
    return true;
  }

  /** Whether another process has the image open for writing, as far as its locks tell. */
  static boolean isWritten(Libc libc, int fd) {
    for (int change : CHANGES) {
      if (libc.testLock(fd, USED + change) == 1) {
        return true;
      }
    }
    return false;
  }

  private static boolean lock(Libc libc, int fd, String image, int offset) throws IOException {
    long result = libc.lockShared(fd, offset);
    if (result >= 0) {
      return true;
    }
    int errno = (int) -result;
    return switch (errno) {
      case HostException.EAGAIN, HostException.EACCES ->
          // QEMU takes shared locks only; this is another program's exclusive lock.
          throw ImageInUseException.byProcess(image, "has locked it");
      case HostException.EINVAL, Libc.ENOLCK, HostException.EOPNOTSUPP, HostException.ENOSYS ->
          false;
      default -> throw new HostException(image, "lock", errno, libc.describe(errno), null);
    };
  }

  private static boolean isTaken(Libc libc, int fd, String image, int offset) throws HostException {
    long result = libc.testLock(fd, offset);
    if (result < 0) {
      int errno = (int) -result;
      throw new HostException(image, "test of a lock", errno, libc.describe(errno), null);
    }
    return result == 1;
  }
}
