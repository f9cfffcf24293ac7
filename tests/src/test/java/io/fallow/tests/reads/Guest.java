package io.fallow.tests.reads;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes disks as a guest leaves them, with the real tools and without root. */
final class Guest {

  private Guest() {}

  /** Runs a tool that has to succeed. */
  static String run(String tool, Object... arguments) throws IOException {
    Tools.require(tool);
    return Tools.run(tool, List.of(arguments)).output();
  }

  /** A file that is one hole. */
  static Path sparse(Path path, long size) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(size);
    }
    return path;
  }

  /** Files of many sizes, up to {@code most} bytes, that hold nothing but the mark of data. */
  static Path tree(Path folder, int files, int most) throws IOException {
    Random random = new Random(1);
    for (int i = 0; i < files; i++) {
      Path directory = Files.createDirectories(folder.resolve("d" + i / 25));
      Files.write(directory.resolve("f" + i), content(1 + random.nextInt(most)));
    }
    return folder;
  }

  static byte[] content(int length) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.ceilDiv(length, 512) * 512);
    while (bytes.hasRemaining()) {
      bytes.put(WatchedFile.MARK);
    }
    return bytes.array();
  }

  /** An XFS of small files of which every other one is gone. */
  static void xfs(Path image, Path folder, String... options) throws IOException {
    Path content = Files.write(folder.resolve("content"), content(4096));
    StringBuilder proto = new StringBuilder("boot\n0 0\nd--755 0 0\n");
    for (int i = 0; i < 600; i++) {
      proto.append("f%d ---644 0 0 %s\n".formatted(i, content));
    }
    Path list = Files.writeString(folder.resolve("proto"), proto.append("$\n"));
    List<Object> words = new ArrayList<>(List.of("-q", "-p", list));
    words.addAll(List.of(options));
    words.add(image);
    run("mkfs.xfs", words.toArray());
    List<Object> gone = new ArrayList<>(List.of("-x"));
    int line = 0;
    for (String entry : run("xfs_db", "-r", "-c", "path /", "-c", "ls", image).lines().toList()) {
      String[] columns = entry.strip().split("\\s+");
      if (entry.contains("regular") && ++line % 2 == 0) {
        gone.addAll(List.of("-c", "inode " + columns[1], "-c", "write core.mode 0"));
      }
    }
    assertThat(line).isEqualTo(600);
    gone.add(image);
    run("xfs_db", gone.toArray());
    run("xfs_repair", image);
  }
}
