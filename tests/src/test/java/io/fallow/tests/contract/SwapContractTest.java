package io.fallow.tests.contract;

import io.fallow.device.Device;
import io.fallow.extent.ExtentSet;
import io.fallow.format.Format;
import io.fallow.fs.swap.SwapFormat;
import io.fallow.testkit.FileSystemContract;
import java.io.IOException;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Swap areas with pages of all the usual sizes. */
@ParameterizedClass
@ValueSource(strings = {"swap-4096", "swap-8192", "swap-65536"})
final class SwapContractTest extends FileSystemContract {

  @Parameter String name = "";

  @Override
  protected Format format() {
    return new SwapFormat();
  }

  @Override
  protected Device image() throws IOException {
    return Fixtures.load("volume/" + name);
  }

  /** Where the signature would stand if pages were larger. */
  @Override
  protected ExtentSet mayBeReadThoughFree() {
    ExtentSet.Builder places = ExtentSet.builder();
    for (int page = 4096; page <= 65_536; page *= 2) {
      places.add(page - 10, page);
    }
    return places.build();
  }
}
