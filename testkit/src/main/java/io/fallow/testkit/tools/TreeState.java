package io.fallow.testkit.tools;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything a user can see of a file tree: names, kinds, modes, owners, sizes, times of change,
 * link counts and targets, extended attributes, and a hash of each file's content.
 *
 * @param entries a line for each name
 */
public record TreeState(SortedMap<String, String> entries) {

  /** Reads all of the tree below {@code root}. */
  public static TreeState of(Path root) throws IOException {
    SortedMap<String, String> entries = new TreeMap<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            entries.put(root.relativize(folder).toString(), describe(folder, attributes));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            entries.put(root.relativize(file).toString(), describe(file, attributes));
            return FileVisitResult.CONTINUE;
          }
        });
    return new TreeState(entries);
  }

  private static String describe(Path path, BasicFileAttributes attributes) throws IOException {
    Map<String, Object> unix =
        Files.readAttributes(path, "unix:mode,uid,gid,nlink", LinkOption.NOFOLLOW_LINKS);
    StringBuilder line = new StringBuilder(new TreeMap<>(unix).toString());
    line.append(' ').append(attributes.lastModifiedTime());
    if (attributes.isSymbolicLink()) {
      return line.append(" -> ").append(Files.readSymbolicLink(path)).toString();
    }
    if (attributes.isRegularFile()) {
      line.append(' ').append(attributes.size()).append(' ').append(hash(path));
    }
    return line.append(attributesOf(path)).toString();
  }

  private static String attributesOf(Path path) throws IOException {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(path, UserDefinedFileAttributeView.class);
    SortedMap<String, String> values = new TreeMap<>();
    for (String name : view.list()) {
      ByteBuffer value = ByteBuffer.allocate(view.size(name));
      view.read(name, value);
      values.put(name, HexFormat.of().formatHex(sha256().digest(value.array())));
    }
    return values.isEmpty() ? "" : " " + values;
  }

  private static String hash(Path file) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
