package io.fallow.tests.contract;

import io.fallow.device.HostFile;
import io.fallow.image.Image;
import io.fallow.image.qcow2.BackingOpener;
import io.fallow.image.qcow2.Qcow2Image;
import io.fallow.testkit.ImageContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** qcow2 images in files of the filesystem that the tests run on. */
final class Qcow2OnDiskContractTest extends ImageContract {

  @TempDir private Path directory;

  private final List<OnDisk> opened = new ArrayList<>();

  @Override
  protected Image open(HostFile file) throws IOException {
    return Qcow2Image.open(file, BackingOpener.none());
  }

  @Override
  protected HostFile file() throws IOException {
    OnDisk file = OnDisk.write(new Qcow2ImageContractTest().file(), directory);
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
