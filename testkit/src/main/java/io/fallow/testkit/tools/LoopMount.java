package io.fallow.testkit.tools;

import io.fallow.extent.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A filesystem in a file, mounted by this machine's kernel. The loop device detaches itself with
 * the unmount, whoever does that.
 */
public final class LoopMount implements AutoCloseable {

  private final Path root;
  private boolean mounted = true;

  private LoopMount(Path root) {
    this.root = root;
  }

  /** Mounts the whole of {@code image}; {@code options} as in {@code mount -o}, or empty. */
  public static LoopMount of(Scratch scratch, Path image, String options) throws IOException {
    return of(scratch, image, new Extent(0, Files.size(image)), options);
  }

  /** Mounts the bytes {@code place} of {@code image}. */
  public static LoopMount of(Scratch scratch, Path image, Extent place, String options)
      throws IOException {
    Tools.Result result = attempt(scratch, image, place, options);
    if (result.exit() != 0) {
      throw new AssertionError(result.describe());
    }
    return new LoopMount(scratch.path("mount"));
  }

  /** Whether this kernel mounts {@code image} at all. */
  public static boolean isPossible(Scratch scratch, Path image) throws IOException {
    Tools.Result result = attempt(scratch, image, new Extent(0, Files.size(image)), "");
    if (result.exit() == 0) {
      new LoopMount(scratch.path("mount")).close();
    }
    return result.exit() == 0;
  }

  private static Tools.Result attempt(Scratch scratch, Path image, Extent place, String options)
      throws IOException {
    Path root = Files.createDirectories(scratch.path("mount"));
    String all =
        "loop,noatime,offset=%d,sizelimit=%d%s"
            .formatted(place.start(), place.length(), options.isEmpty() ? "" : "," + options);
    return Tools.attempt("mount", "-o", all, image, root);
  }

  /** Where the files are. */
  public Path root() {
    return root;
  }

  /** The bytes of the blocks that the kernel calls free. */
  public long freeBytes() throws IOException {
    return Files.getFileStore(root).getUnallocatedSpace();
  }

  /** Lets the kernel discard all free blocks, which the loop device turns into holes. */
  public void trim() throws IOException {
    Tools.run("fstrim", root);
  }

  @Override
  public void close() throws IOException {
    if (mounted) {
      mounted = false;
      Tools.run("umount", root);
    }
  }
}
