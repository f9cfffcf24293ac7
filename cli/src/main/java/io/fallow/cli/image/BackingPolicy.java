package io.fallow.cli.image;

import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.image.Image;
import io.fallow.image.qcow2.BackingOpener;
import io.fallow.image.qcow2.Qcow2Image;
import io.fallow.image.raw.RawImage;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which backing files may be opened. An image's guest may have been able to write the name, so it
 * must not lead to other files of the host: only what really lies below one directory is opened,
 * read-only, and in the format that the overlay declares.
 */
public final class BackingPolicy implements BackingOpener {

  private final Path directory;
  private final Path root;
  private final Access access;

  private BackingPolicy(Path directory, Path root, Access access) {
    this.directory = directory;
    this.root = root;
    this.access = access;
  }

  /**
   * The policy for an image.
   *
   * @param image the overlay; names are relative to the directory that its real file is in
   * @param root the directory below which backing files may be, or null for that same directory
   * @param access how backing files are opened
   */
  public static BackingPolicy of(Path image, @Nullable Path root, Access access)
      throws IOException {
    if (access.writes()) {
      throw new IllegalArgumentException("backing files are only read");
    }
    Path directory = directoryOf(image.toRealPath());
    return new BackingPolicy(directory, root == null ? directory : root.toRealPath(), access);
  }

  @Override
  public Image open(String name, String format) throws IOException {
    if (name.startsWith("json:")) {
      throw new IOException("it is a JSON description, which is never followed");
    }
    Path file = resolve(name);
    if (!file.startsWith(root)) {
      throw new IOException(
          "it lies outside %s; allow it with --backing-root DIR if you trust the image"
              .formatted(root));
    }
    return switch (format) {
      case "raw" -> new RawImage(LinuxFile.open(file, access));
      case "qcow2" -> overlay(file);
      case "" ->
          throw new IOException(
              "the image does not declare its format, and formats are not guessed; declare it with"
                  + " qemu-img rebase -u -F");
      default -> throw new IOException("its format %s is not handled".formatted(format));
    };
  }

  private Image overlay(Path file) throws IOException {
    LinuxFile opened = LinuxFile.open(file, access);
    try {
      return Qcow2Image.open(opened, new BackingPolicy(directoryOf(file), root, access));
    } catch (IOException | RuntimeException failure) {
      opened.close();
      throw failure;
    }
  }

  private Path resolve(String name) throws IOException {
    try {
      return directory.resolve(name).toRealPath();
    } catch (InvalidPathException invalid) {
      throw new IOException("its name is no path", invalid);
    } catch (FileSystemException missing) {
      throw new IOException("it cannot be found in " + directory, missing);
    }
  }

  private static Path directoryOf(Path file) {
    Path parent = file.getParent();
    return parent == null ? file : parent;
  }
}
