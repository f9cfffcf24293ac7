package io.fallow.host;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds images that are attached to a loop device, as {@code mount -o loop} and {@code losetup} do.
 * The kernel takes no locks for those, yet a mounted filesystem writes as it likes.
 */
final class LoopDevices {

  private static final Path DEVICES = Path.of("/sys/block");

  private LoopDevices() {}

  /**
   * The device that a file is attached to.
   *
   * @param file the file
   * @param writingOnly whether devices that only read it do not count
   */
  static Optional<String> holding(Libc libc, FileStatus file, boolean writingOnly)
      throws IOException {
    if (!Files.isDirectory(DEVICES)) {
      return Optional.empty();
    }
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(DEVICES, "loop*")) {
      for (Path device : devices) {
        Path backing = device.resolve("loop/backing_file");
        if (Files.exists(backing)
            && isSameFile(libc, file, backing)
            && !(writingOnly && read(device.resolve("ro")).equals("1"))) {
          return Optional.of("/dev/" + device.getFileName());
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isSameFile(Libc libc, FileStatus file, Path backing) throws IOException {
    String path = read(backing);
    return !path.isEmpty() && libc.stat(Path.of(path)) == 0 && libc.status().isSameFile(file);
  }

  /** A line of sysfs; empty if the device went away meanwhile. */
  private static String read(Path attribute) {
    try {
      String text = Files.readString(attribute);
      return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    } catch (IOException gone) {
      return "";
    }
  }
}
