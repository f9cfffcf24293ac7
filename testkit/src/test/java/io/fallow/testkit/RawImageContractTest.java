package io.fallow.testkit;

import io.fallow.device.HostFile;
import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.image.Image;
import io.fallow.image.raw.RawImage;

final class RawImageContractTest extends ImageContract {

  @Override
  protected Image open(HostFile file) {
    return new RawImage(file);
  }

  @Override
  protected MemoryFile file() {
    MemoryFile disk = MemoryFile.of("disk.raw", Qcow2Builder.pattern(1, 1 << 20));
    disk.punch(new Extent(100_000, 300_000));
    return disk;
  }
}
