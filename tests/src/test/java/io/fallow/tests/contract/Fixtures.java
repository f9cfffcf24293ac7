package io.fallow.tests.contract;

import io.fallow.device.MemoryFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPInputStream;

/** The small disks that real tools made, which the tests of {@code core} read as well. */
final class Fixtures {

  private static final Path FOLDER = Path.of("../core/src/test/resources/io/fallow");

  private static final Map<String, MemoryFile> UNPACKED = new ConcurrentHashMap<>();

  private Fixtures() {}

  /** A disk of one's own, such as {@code fs/ext/ext4}, with holes where it is zero. */
  static MemoryFile load(String name) throws IOException {
    MemoryFile file = UNPACKED.get(name);
    if (file == null) {
      file = unpack(name);
      UNPACKED.put(name, file);
    }
    return file.copy();
  }

  private static MemoryFile unpack(String name) throws IOException {
    try (InputStream content =
        new GZIPInputStream(Files.newInputStream(FOLDER.resolve(name + ".img.gz")))) {
      MemoryFile file = new MemoryFile(name, 0);
      MemorySegment zeros = MemorySegment.ofArray(new byte[MemoryFile.PAGE]);
      long size = 0;
      while (true) {
        byte[] page = content.readNBytes(MemoryFile.PAGE);
        if (page.length == 0) {
          file.resize(size);
          return file;
        }
        MemorySegment bytes = MemorySegment.ofArray(page);
        if (bytes.mismatch(zeros.asSlice(0, page.length)) >= 0) {
          file.write(size, bytes);
        }
        size += page.length;
      }
    }
  }
}
