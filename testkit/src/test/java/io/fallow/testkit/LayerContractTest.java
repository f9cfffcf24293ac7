package io.fallow.testkit;

import io.fallow.bytes.Bytes;
import io.fallow.device.Device;
import io.fallow.device.MemoryFile;
import io.fallow.device.Slice;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.format.Content;
import io.fallow.format.Format;
import io.fallow.format.Layer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/** The contract holds for a table of two halves, which keeps it. */
final class LayerContractTest extends LayerContract {

  private static final int BLOCK = 512;
  private static final long MAGIC = 0x544F594C4159000AL;

  private record Halves(List<Child> children) implements Layer {
    @Override
    public String type() {
      return "halves";
    }

    @Override
    public ExtentSet release(List<ExtentSet> perChild) {
      ExtentSet.Builder all = ExtentSet.builder();
      for (int i = 0; i < children.size(); i++) {
        all.addAll(perChild.get(i).shift(children.get(i).place().start()));
      }
      return all.build().alignInward(BLOCK);
    }
  }

  private static final class HalvesFormat implements Format {
    @Override
    public Optional<String> recognise(Device device) throws IOException {
      return device.size() >= BLOCK && device.bytes(0, 8, ByteOrder.BIG_ENDIAN).bits64(0) == MAGIC
          ? Optional.of("halves")
          : Optional.empty();
    }

    @Override
    public Content open(Device device) throws IOException {
      Bytes header = device.bytes(0, 16, ByteOrder.BIG_ENDIAN);
      long middle = header.u63(8);
      header.check(
          middle > BLOCK && middle < device.size(), 8, "middle is 0x%x, outside the disk", middle);
      return new Halves(
          List.of(
              child(device, "1", new Extent(BLOCK, middle)),
              child(device, "2", new Extent(middle, device.size()))));
    }

    private static Layer.Child child(Device device, String name, Extent place) {
      return new Layer.Child(name, place, new Slice(device, place, name), "");
    }
  }

  @Override
  protected Format format() {
    return new HalvesFormat();
  }

  @Override
  protected Device image() {
    MemoryFile file = new MemoryFile("halves", 64L * BLOCK);
    byte[] header = ByteBuffer.allocate(16).putLong(MAGIC).putLong(20L * BLOCK).array();
    file.write(0, MemorySegment.ofArray(header));
    return file;
  }
}
