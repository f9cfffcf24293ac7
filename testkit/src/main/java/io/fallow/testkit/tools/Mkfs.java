package io.fallow.testkit.tools;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * One way to make a filesystem.
 *
 * @param type {@code ext2}, {@code ext3}, {@code ext4} or {@code xfs}
 * @param size of the volume in bytes
 * @param dense whether the volume is filled with a pattern beforehand, so that every block takes
 *     space and whatever a trim releases shows as a hole
 * @param command the maker and its options; the image's name comes last
 * @param mountOptions for {@code mount -o}
 */
public record Mkfs(
    String type, long size, boolean dense, List<String> command, String mountOptions) {

  /** Above this, a volume begins as one hole. */
  static final long DENSE_LIMIT = 64L << 20;

  /** Copies the list. */
  public Mkfs {
    command = List.copyOf(command);
  }

  /**
   * Makes the filesystem in a new file.
   *
   * @return whether the maker accepts this combination of options
   */
  public boolean make(Path image, long seed) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(0);
      file.setLength(size);
      if (dense) {
        fill(file, seed);
      }
    }
    return Tools.attempt(command, image).exit() == 0;
  }

  private void fill(RandomAccessFile file, long seed) throws IOException {
    byte[] pattern = RandomTree.noise(new Random(seed), 1 << 20);
    for (long at = 0; at < size; at += pattern.length) {
      file.write(pattern, 0, (int) Math.min(pattern.length, size - at));
    }
  }

  /**
   * Judges the filesystem with its own checker, which changes nothing.
   *
   * @throws AssertionError if it finds anything wrong
   */
  public void check(Path image) throws IOException {
    Tools.run(checker(), image);
  }

  /** Whether its own checker finds nothing wrong. */
  public boolean isClean(Path image) throws IOException {
    return Tools.attempt(checker(), image).exit() == 0;
  }

  private List<String> checker() {
    return type.equals("xfs")
        ? List.of("xfs_repair", "-n", "-f", "-o", "force_geometry")
        : List.of("e2fsck", "-f", "-n");
  }

  @Override
  public String toString() {
    return "%s, %d KiB%s: %s"
        .formatted(type, size >> 10, dense ? "" : ", sparse", String.join(" ", command));
  }
}
