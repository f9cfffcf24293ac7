package io.fallow.testkit;

import io.fallow.device.Device;
import io.fallow.format.Format;

/** The contract holds for a format that keeps it. */
final class FileSystemContractTest extends FileSystemContract {

  @Override
  protected Format format() {
    return new ToyFileSystem();
  }

  @Override
  protected Device image() {
    return ToyFileSystem.image(100, 10);
  }
}
