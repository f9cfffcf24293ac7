package io.fallow.cli;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The disk that comes with Fallow, unpacked. {@code cli/src/demo/make-demo-disk.sh} made it with
 * the real tools: a GPT disk of 2 GiB with a boot loader's partition, ext4, XFS and swap, in qcow2,
 * from which a guest has deleted most of what it wrote.
 */
final class DemoDisk implements Closeable {

  private static final String RESOURCE = "demo/demo.qcow2.zst";
  private static final int PIECE = 64 * 1024;

  private final Path directory;
  private final Path image;
  private final boolean keep;

  private DemoDisk(Path directory, boolean keep) {
    this.directory = directory;
    this.image = directory.resolve("demo.qcow2");
    this.keep = keep;
  }

  /**
   * Unpacks the disk.
   *
   * @param kept the directory to leave it in, or null for a temporary one that goes with this
   */
  static DemoDisk unpack(@Nullable Path kept) throws IOException {
    Path directory =
        kept == null ? Files.createTempDirectory("fallow-demo-") : Files.createDirectories(kept);
    DemoDisk disk = new DemoDisk(directory, kept != null);
    try {
      disk.write();
      return disk;
    } catch (IOException | RuntimeException failure) {
      disk.close();
      throw failure;
    }
  }

  Path image() {
    return image;
  }

  private void write() throws IOException {
    try (InputStream packed = DemoDisk.class.getResourceAsStream(RESOURCE)) {
      if (packed == null) {
        throw new IOException("the demonstration disk is missing from this build");
      }
      try (InputStream disk = new ZstdInputStreamNoFinalizer(packed);
          FileChannel file =
              FileChannel.open(image, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        copySparsely(disk, file);
      }
    }
  }

  /** Leaves holes where the disk is zero, as the tools that made it did. */
  private static void copySparsely(InputStream disk, FileChannel file) throws IOException {
    byte[] piece = new byte[PIECE];
    byte[] zeros = new byte[PIECE];
    long at = 0;
    for (int count; (count = disk.readNBytes(piece, 0, PIECE)) > 0; at += count) {
      if (!Arrays.equals(piece, 0, count, zeros, 0, count)) {
        ByteBuffer source = ByteBuffer.wrap(piece, 0, count);
        while (source.hasRemaining()) {
          file.write(source, at + source.position());
        }
      }
    }
    if (file.size() < at) {
      file.write(ByteBuffer.allocate(1), at - 1);
    }
  }

  @Override
  public void close() throws IOException {
    if (!keep) {
      Files.deleteIfExists(image);
      Files.deleteIfExists(directory);
    }
  }

  /** As {@link #close}, for a process that is ending. */
  void closeAtExit() {
    try {
      close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
