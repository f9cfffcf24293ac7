package io.fallow.cli;

import io.fallow.cli.image.BackingPolicy;
import io.fallow.cli.image.FormatChoice;
import io.fallow.cli.image.FormatDetector;
import io.fallow.cli.image.UsageException;
import io.fallow.cli.report.ImageReport;
import io.fallow.device.HostFile;
import io.fallow.host.Access;
import io.fallow.host.ImageInUseException;
import io.fallow.host.LinuxFile;
import io.fallow.image.Image;
import io.fallow.image.qcow2.Qcow2Image;
import io.fallow.image.raw.RawImage;
import io.fallow.plan.Plan;
import io.fallow.stack.Node;
import io.fallow.stack.Stack;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One image, open: the chain from the host's file to the plan is put together here. */
final class Session implements Closeable {

  /**
   * How to open an image.
   *
   * @param format the user's choice, or null
   * @param backingRoot the directory below which backing files may be opened, or null for the
   *     image's own
   * @param storage stands between the image and its file; in a test, one that fails
   */
  record Options(
      @Nullable FormatChoice format, @Nullable Path backingRoot, UnaryOperator<HostFile> storage) {

    /** Without anything between the image and its file. */
    Options(@Nullable FormatChoice format, @Nullable Path backingRoot) {
      this(format, backingRoot, UnaryOperator.identity());
    }
  }

  private final Path path;
  private final Options options;
  private final LinuxFile file;
  private final HostFile storage;
  private final FormatChoice format;
  private final boolean inUse;
  private final Image image;

  private Session(Path path, Options options, LinuxFile file, boolean inUse) throws IOException {
    this.path = path;
    this.options = options;
    this.file = file;
    this.storage = options.storage().apply(file);
    this.inUse = inUse;
    try {
      this.format = FormatDetector.detect(file, options.format());
      this.image = image();
    } catch (IOException | RuntimeException | Error failure) {
      closeAfter(failure, file);
      throw failure;
    }
  }

  /** Opens an image, and keeps others from changing it where {@code access} says so. */
  static Session open(Path path, Access access, Options options) throws IOException {
    return new Session(path, options, LinuxFile.open(path, access), false);
  }

  /** Opens an image for reading, also while another process uses it. */
  static Session openShared(Path path, Options options) throws IOException {
    try {
      return open(path, Access.READ, options);
    } catch (ImageInUseException inUse) {
      LinuxFile file = LinuxFile.open(path, Access.READ_UNLOCKED);
      try {
        return new Session(path, options, file, true);
      } catch (IOException failure) {
        throw new FailureException(Failure.whileInUse(failure), failure);
      }
    }
  }

  /**
   * Reads what the disk holds and works out what can be released.
   *
   * @param ignored paths of volumes to leave alone
   * @param crossCheck whether every filesystem's files are compared with what it calls free
   */
  Plan plan(Set<String> ignored, boolean crossCheck) throws IOException {
    try {
      Node root = Stack.of(image.guest());
      requireKnown(ignored, root);
      return Plan.of(image, crossCheck ? root.crossChecked(ignored) : root, ignored);
    } catch (IOException failure) {
      throw inUse ? new FailureException(Failure.whileInUse(failure), failure) : failure;
    }
  }

  ImageReport report(Plan plan) throws IOException {
    return ImageReport.of(path.toString(), plan, inUse);
  }

  LinuxFile file() {
    return file;
  }

  /**
   * The image as a reader finds it that starts afresh, without any memory of what was done: it uses
   * the same open file, whose lock stays.
   */
  Image reopened() throws IOException {
    return image();
  }

  private Image image() throws IOException {
    return switch (format) {
      case RAW -> new RawImage(storage);
      case QCOW2 -> {
        Access below = inUse ? Access.READ_UNLOCKED : Access.READ;
        yield Qcow2Image.open(storage, BackingPolicy.of(path, options.backingRoot(), below));
      }
    };
  }

  /** A mistyped path must not lead to the release of what it was to protect. */
  private void requireKnown(Set<String> ignored, Node root) throws UsageException {
    List<String> known = new ArrayList<>();
    collectPaths(root, known);
    for (String wanted : ignored) {
      if (!known.contains(wanted)) {
        throw new UsageException(
            "%s: has no volume '%s' to ignore; it has %s"
                .formatted(path, wanted, String.join(", ", known)));
      }
    }
  }

  private static void collectPaths(Node node, List<String> paths) {
    paths.add(node.path().isEmpty() ? "disk" : node.path());
    node.children().forEach(child -> collectPaths(child, paths));
  }

  private static void closeAfter(Throwable failure, LinuxFile file) {
    try {
      file.close();
    } catch (IOException second) {
      failure.addSuppressed(second);
    }
  }

  @Override
  public void close() throws IOException {
    image.close();
  }
}
