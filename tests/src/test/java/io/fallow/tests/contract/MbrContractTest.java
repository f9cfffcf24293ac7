package io.fallow.tests.contract;

import io.fallow.device.Device;
import io.fallow.format.Format;
import io.fallow.testkit.LayerContract;
import io.fallow.volume.mbr.MbrFormat;
import java.io.IOException;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A DOS partition table with logical partitions. */
@ParameterizedClass
@ValueSource(strings = {"mbr"})
final class MbrContractTest extends LayerContract {

  @Parameter String name = "";

  @Override
  protected Format format() {
    return new MbrFormat();
  }

  @Override
  protected Device image() throws IOException {
    return Fixtures.load("volume/" + name);
  }
}
