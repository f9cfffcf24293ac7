package io.fallow.tests.contract;

import io.fallow.device.Device;
import io.fallow.image.qcow2.BackingOpener;
import io.fallow.image.qcow2.Qcow2Image;
import io.fallow.testkit.DeviceContract;
import io.fallow.testkit.Qcow2Builder;
import java.io.IOException;

final class Qcow2GuestContractTest extends DeviceContract {

  private static final int BITS = 9;

  @Override
  protected Device device() throws IOException {
    Qcow2Builder image = new Qcow2Builder(3, BITS, (300L << BITS) - 100).zstd();
    for (int cluster = 0; cluster < 300; cluster += 3) {
      image.data(cluster, Qcow2Builder.pattern(cluster, 1 << BITS));
      if (cluster % 2 == 0) {
        image.compressed(cluster + 1, Qcow2Builder.pattern(cluster, 1 << BITS));
      }
    }
    image.zero(6).preallocatedZero(9, Qcow2Builder.pattern(9, 1 << BITS));
    return Qcow2Image.open(image.build(), BackingOpener.none()).guest();
  }
}
