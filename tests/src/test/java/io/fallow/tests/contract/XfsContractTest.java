package io.fallow.tests.contract;

import io.fallow.device.Device;
import io.fallow.format.Format;
import io.fallow.fs.xfs.XfsFormat;
import io.fallow.testkit.FileSystemContract;
import java.io.IOException;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** XFS of versions 4 and 5, with shallow and deep trees. */
@ParameterizedClass
@ValueSource(strings = {"v4", "v5", "v5-deep"})
final class XfsContractTest extends FileSystemContract {

  @Parameter String name = "";

  @Override
  protected Format format() {
    return new XfsFormat();
  }

  @Override
  protected Device image() throws IOException {
    return Fixtures.load("fs/xfs/" + name);
  }
}
