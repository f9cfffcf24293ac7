package io.fallow.tests.contract;

import io.fallow.device.HostFile;
import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.testkit.HostFileContract;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** A file of the filesystem that the tests run on. */
final class LinuxFileContractTest extends HostFileContract {

  @TempDir private Path directory;

  @Override
  protected HostFile create(long size) throws IOException {
    Path path = Files.createTempFile(directory, "file", ".raw");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(size);
    }
    return LinuxFile.open(path, Access.WRITE);
  }
}
