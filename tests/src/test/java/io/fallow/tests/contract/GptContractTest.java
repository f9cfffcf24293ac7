package io.fallow.tests.contract;

import io.fallow.device.Device;
import io.fallow.format.Format;
import io.fallow.testkit.LayerContract;
import io.fallow.volume.gpt.GptFormat;
import java.io.IOException;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** GUID partition tables, as made, on a disk that grew, and beside a hybrid MBR. */
@ParameterizedClass
@ValueSource(strings = {"gpt", "grown", "hybrid"})
final class GptContractTest extends LayerContract {

  @Parameter String name = "";

  @Override
  protected Format format() {
    return new GptFormat();
  }

  @Override
  protected Device image() throws IOException {
    return Fixtures.load("volume/" + name);
  }
}
