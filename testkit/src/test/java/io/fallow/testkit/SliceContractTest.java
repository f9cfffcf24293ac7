package io.fallow.testkit;

import io.fallow.device.Device;
import io.fallow.device.MemoryFile;
import io.fallow.device.Slice;
import io.fallow.extent.Extent;

final class SliceContractTest extends DeviceContract {

  @Override
  protected Device device() {
    MemoryFile disk = MemoryFile.of("disk", Qcow2Builder.pattern(1, 1 << 20));
    disk.punch(new Extent(100_000, 300_000));
    return new Slice(disk, new Extent(1536, 900_000), "disk:gpt/1");
  }
}
