package io.fallow.tests.contract;

import io.fallow.device.Device;
import io.fallow.format.Format;
import io.fallow.fs.ext.ExtFormat;
import io.fallow.testkit.FileSystemContract;
import java.io.IOException;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** ext2, ext3 and ext4 in many layouts. */
@ParameterizedClass
@ValueSource(
    strings = {
      "bigalloc",
      "block64k",
      "ext2",
      "ext3",
      "ext4",
      "groups",
      "metabg",
      "mmp",
      "revision0",
      "sparse2",
      "uninit"
    })
final class ExtContractTest extends FileSystemContract {

  @Parameter String name = "";

  @Override
  protected Format format() {
    return new ExtFormat();
  }

  @Override
  protected Device image() throws IOException {
    return Fixtures.load("fs/ext/" + name);
  }
}
