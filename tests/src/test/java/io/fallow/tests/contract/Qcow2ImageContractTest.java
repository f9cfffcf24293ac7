package io.fallow.tests.contract;

import io.fallow.device.HostFile;
import io.fallow.device.MemoryFile;
import io.fallow.image.Image;
import io.fallow.image.qcow2.BackingOpener;
import io.fallow.image.qcow2.Qcow2Image;
import io.fallow.testkit.ImageContract;
import io.fallow.testkit.Qcow2Builder;
import java.io.IOException;

final class Qcow2ImageContractTest extends ImageContract {

  private static final int BITS = 12;

  @Override
  protected Image open(HostFile file) throws IOException {
    return Qcow2Image.open(file, BackingOpener.none());
  }

  @Override
  protected MemoryFile file() {
    Qcow2Builder image = new Qcow2Builder(3, BITS, (200L << BITS) - 512);
    for (int cluster = 0; cluster < 120; cluster += 2) {
      image.data(cluster, Qcow2Builder.pattern(cluster, 1 << BITS));
    }
    for (int cluster = 121; cluster < 140; cluster++) {
      image.compressed(cluster, Qcow2Builder.pattern(cluster, 1 << BITS));
    }
    image.leak(Qcow2Builder.pattern(1, 1 << BITS));
    image.snapshot("before the update");
    for (int cluster = 141; cluster < 200; cluster += 2) {
      image.data(cluster, Qcow2Builder.pattern(cluster, 1 << BITS));
    }
    return image.unpunched(Qcow2Builder.pattern(2, 1 << BITS)).zero(150).build();
  }
}
