package io.fallow.testkit.tools;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Works on a mounted filesystem the way years of use do, in an order that the seed decides: files
 * of all sizes written, grown, cut, overwritten, moved and deleted, holes and preallocation, links,
 * attributes, deep and crowded folders, and sometimes no space left.
 */
public final class RandomTree {

  private static final int SMALL = 9_000;
  private static final int MEDIUM = 300_000;

  private final Path root;
  private final Random random;
  private final List<Path> folders = new ArrayList<>();
  private final List<Path> files = new ArrayList<>();
  private final List<String> script = new ArrayList<>();
  private int serial;
  private int refused;

  private RandomTree(Path root, Random random) {
    this.root = root;
    this.random = random;
    folders.add(root);
  }

  /**
   * Fills {@code root} and frees some of it again.
   *
   * @return how many steps the filesystem refused
   */
  public static int grow(Path root, Random random) throws IOException {
    RandomTree tree = new RandomTree(root, random);
    tree.work(20 + random.nextInt(80));
    switch (random.nextInt(5)) {
      case 0 -> tree.fillUp();
      case 1 -> tree.work(200);
      default -> {}
    }
    tree.thinOut(random.nextInt(100));
    tree.work(random.nextInt(30));
    tree.runScript();
    return tree.refused;
  }

  /** Bytes of which none is zero, so that lost data can never look like a hole. */
  public static byte[] noise(Random random, int length) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    for (int i = 0; i < length; i++) {
      noise[i] |= 1;
    }
    return noise;
  }

  private void work(int steps) {
    for (int i = 0; i < steps; i++) {
      try {
        step(random.nextInt(20));
      } catch (IOException e) {
        // No space, no inode or no such feature: as in life, the work goes on.
        refused++;
      }
    }
  }

  private void step(int kind) throws IOException {
    switch (kind) {
      case 0, 1, 2, 3 -> write(fresh(), 0, random.nextInt(SMALL));
      case 4, 5, 6 -> write(fresh(), 0, random.nextInt(MEDIUM));
      case 7 -> writeLarge();
      case 8 -> write(fresh(), random.nextLong(32L << 20), random.nextInt(SMALL));
      case 9 -> write(any(), random.nextInt(MEDIUM), random.nextInt(MEDIUM));
      case 10 -> truncate();
      case 11, 12 -> delete();
      case 13 -> folder();
      case 14 -> links();
      case 15 -> attribute();
      case 16 -> rename();
      case 17 -> crowd(random.nextInt(60));
      case 18 -> fallocate();
      default -> reflink();
    }
  }

  private Path any() throws IOException {
    if (files.isEmpty()) {
      Path file = fresh();
      write(file, 0, random.nextInt(SMALL));
      return file;
    }
    return files.get(random.nextInt(files.size()));
  }

  /** A new name; now and then one so long that names take up folders. */
  private Path fresh() {
    String name = "f" + serial++ + (random.nextInt(8) == 0 ? "x".repeat(200) : "");
    Path file = folders.get(random.nextInt(folders.size())).resolve(name);
    files.add(file);
    return file;
  }

  private void write(Path file, long offset, int length) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.seek(offset);
      out.write(noise(random, length));
    }
  }

  private void writeLarge() throws IOException {
    long room = Files.getFileStore(root).getUsableSpace() / 8;
    write(fresh(), 0, (int) Math.min(room, 4L << 20));
  }

  private void truncate() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(any().toFile(), "rw")) {
      file.setLength(random.nextInt(2) == 0 ? file.length() / 2 : file.length() + 100_000);
    }
  }

  private void delete() throws IOException {
    if (!files.isEmpty()) {
      Files.deleteIfExists(files.remove(random.nextInt(files.size())));
    }
  }

  private void folder() throws IOException {
    Path folder = folders.get(random.nextInt(folders.size()));
    for (int depth = random.nextInt(6); depth >= 0; depth--) {
      folder = folder.resolve("d" + serial++);
      Files.createDirectory(folder);
      folders.add(folder);
    }
  }

  /** Targets below 60 bytes live in the inode of ext4, longer ones in blocks. */
  private void links() throws IOException {
    Files.createSymbolicLink(fresh(), Path.of("t".repeat(1 + random.nextInt(59))));
    Files.createSymbolicLink(fresh(), Path.of("long/".repeat(20 + random.nextInt(150))));
    Files.createLink(fresh(), any());
  }

  private void attribute() throws IOException {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(any(), UserDefinedFileAttributeView.class);
    int length = random.nextInt(3) == 0 ? random.nextInt(3000) : random.nextInt(60);
    view.write("a" + random.nextInt(5), ByteBuffer.wrap(noise(random, length)));
  }

  private void rename() throws IOException {
    Path from = any();
    Path to = fresh();
    Files.move(from, to);
    files.remove(from);
  }

  private void crowd(int count) throws IOException {
    Path folder = folders.get(random.nextInt(folders.size()));
    for (int i = 0; i < count; i++) {
      Path file = folder.resolve("crowd" + serial++);
      write(file, 0, random.nextInt(200));
      files.add(file);
    }
  }

  private void fallocate() throws IOException {
    Path file = any();
    String how =
        switch (random.nextInt(5)) {
          case 0, 1 -> "--punch-hole";
          case 2 -> "--zero-range";
          case 3 -> "--keep-size";
          default -> "";
        };
    long offset = random.nextInt(MEDIUM);
    script.add(
        "fallocate %s -o %d -l %d '%s'".formatted(how, offset, 1 + random.nextInt(MEDIUM), file));
    if (script.size() > 8) {
      runScript();
    }
  }

  private void reflink() throws IOException {
    script.add("cp --reflink=always '%s' '%s'".formatted(any(), fresh()));
  }

  private void runScript() throws IOException {
    if (!script.isEmpty()) {
      Tools.attempt("sh", "-c", String.join("\n", script));
      script.clear();
    }
  }

  private void fillUp() {
    int length = 4 << 20;
    for (long room = Mkfs.DENSE_LIMIT; room > 0 && length > 256; room -= length) {
      try {
        write(fresh(), 0, length);
      } catch (IOException e) {
        length /= 4;
        refused++;
      }
    }
  }

  private void thinOut(int percent) throws IOException {
    for (Path file : List.copyOf(files)) {
      if (random.nextInt(100) < percent) {
        files.remove(file);
        Files.deleteIfExists(file);
      }
    }
  }
}
