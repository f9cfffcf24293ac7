package io.fallow.testkit.tools;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder that goes away with everything in it, and with everything mounted in it, even if the
 * test fails or its process is told to end.
 */
public final class Scratch implements AutoCloseable {

  /** Tells the folders of one run of {@code ./check} apart, which removes leftovers by it. */
  private static final String PREFIX =
      "fallow-test-" + System.getenv().getOrDefault("FALLOW_RUN", "0") + "-";

  /** Memory is kept for others: below this much free space there, the disk is used. */
  private static final long MEMORY_NEEDED = 3L << 30;

  private final Path folder;
  private final Thread hook;

  private Scratch(Path parent) throws IOException {
    this.folder = Files.createTempDirectory(parent, PREFIX);
    this.hook = new Thread(this::removeQuietly);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** A folder on disk, where the system keeps its temporary files. */
  public static Scratch onDisk() throws IOException {
    return new Scratch(Path.of(System.getProperty("java.io.tmpdir")));
  }

  /** A folder in memory where there is enough of that, which spares the disk; else on disk. */
  public static Scratch inMemory() throws IOException {
    Path memory = Path.of("/dev/shm");
    boolean usable =
        Files.isWritable(memory) && Files.getFileStore(memory).getUsableSpace() > MEMORY_NEEDED;
    return usable ? new Scratch(memory) : onDisk();
  }

  /** The folder. */
  public Path folder() {
    return folder;
  }

  /** A path in the folder. */
  public Path path(String name) {
    return folder.resolve(name);
  }

  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook does the same work.
      return;
    }
    remove();
  }

  private void removeQuietly() {
    try {
      remove();
    } catch (IOException | UncheckedIOException e) {
      // The process is ending and nobody is left to tell.
    }
  }

  private void remove() throws IOException {
    unmountAll();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  /** Unmounts what is still mounted in the folder, the innermost first. */
  private void unmountAll() throws IOException {
    List<String> mounted =
        Files.readAllLines(Path.of("/proc/self/mounts")).stream()
            .map(line -> line.split(" ")[1])
            .filter(place -> place.startsWith(folder + "/"))
            .sorted(Comparator.reverseOrder())
            .toList();
    for (String place : mounted) {
      Tools.attempt("umount", "--lazy", place);
    }
  }
}
