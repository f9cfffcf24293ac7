package io.fallow.tests.contract;

import io.fallow.device.HostFile;
import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.image.Image;
import io.fallow.image.raw.RawImage;
import io.fallow.testkit.ImageContract;
import io.fallow.testkit.Qcow2Builder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Raw disks in files of the filesystem that the tests run on. */
final class RawOnDiskContractTest extends ImageContract {

  @TempDir private Path directory;

  private final List<OnDisk> opened = new ArrayList<>();

  @Override
  protected Image open(HostFile file) {
    return new RawImage(file);
  }

  @Override
  protected HostFile file() throws IOException {
    MemoryFile disk = MemoryFile.of("disk.raw", Qcow2Builder.pattern(1, 1 << 20));
    disk.punch(new Extent(100_000, 300_000));
    OnDisk file = OnDisk.write(disk, directory);
    opened.add(file);
    return file;
  }

  /** A file of many pieces makes the host's filesystem take a block for its list of them. */
  @Override
  protected long slack() {
    return 4096;
  }

  @AfterEach
  void closeAll() throws IOException {
    for (OnDisk file : opened) {
      file.closeForGood();
    }
  }
}
