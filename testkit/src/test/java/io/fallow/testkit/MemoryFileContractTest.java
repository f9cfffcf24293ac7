package io.fallow.testkit;

import io.fallow.device.HostFile;
import io.fallow.device.MemoryFile;

final class MemoryFileContractTest extends HostFileContract {

  @Override
  protected HostFile create(long size) {
    return new MemoryFile("memory", size);
  }
}
