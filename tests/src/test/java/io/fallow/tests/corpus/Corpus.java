package io.fallow.tests.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fallow.device.MemoryFile;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Images from other projects' test suites, which a plain clone does not have. */
public final class Corpus {

  private static final int CHUNK = 1 << 20;

  private Corpus() {}

  /** A folder of the corpus; the test is skipped where there is none. */
  public static Path folder(String name) {
    Optional<Path> root = root();
    assumeTrue(root.isPresent(), "no corpus of images beside the repository; set FALLOW_CORPUS");
    return root.orElseThrow().resolve(name);
  }

  private static Optional<Path> root() {
    String override = System.getenv("FALLOW_CORPUS");
    if (override != null) {
      return Optional.of(Path.of(override));
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path corpus = at.resolve("shared").resolve("corpus");
      if (Files.isDirectory(corpus)) {
        return Optional.of(corpus);
      }
    }
    return Optional.empty();
  }

  static List<Path> files(Path folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found = files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
      assertThat(found).isNotEmpty();
      return found;
    }
  }

  /** An image's content, unpacked into memory with holes where all is zero. */
  static MemoryFile unpack(Path file) throws IOException {
    String name = file.getFileName().toString();
    if (name.endsWith(".xz")) {
      Tools.require("xz");
      return unpack(name, Tools.builder("xz", "-dc", file).start());
    }
    try (InputStream content = Files.newInputStream(file)) {
      return sparse(name, name.endsWith(".gz") ? new GZIPInputStream(content) : content);
    }
  }

  private static MemoryFile unpack(String name, Process unpacker) throws IOException {
    try (InputStream content = unpacker.getInputStream()) {
      MemoryFile file = sparse(name, content);
      assertThat(unpacker.waitFor()).as("exit code for %s", name).isZero();
      return file;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while unpacking " + name, e);
    } finally {
      unpacker.destroyForcibly();
    }
  }

  private static MemoryFile sparse(String name, InputStream content) throws IOException {
    MemoryFile file = new MemoryFile(name, 0);
    long size = 0;
    while (true) {
      byte[] chunk = content.readNBytes(CHUNK);
      for (int at = 0; at < chunk.length; at += MemoryFile.PAGE) {
        MemorySegment page =
            MemorySegment.ofArray(chunk).asSlice(at, Math.min(MemoryFile.PAGE, chunk.length - at));
        MemorySegment zero = MemorySegment.ofArray(new byte[(int) page.byteSize()]);
        if (page.mismatch(zero) >= 0) {
          file.write(size + at, page);
        }
      }
      size += chunk.length;
      if (chunk.length < CHUNK) {
        file.resize(size);
        return file;
      }
    }
  }
}
