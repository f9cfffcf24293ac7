package io.fallow.testkit;

import io.fallow.bytes.Bytes;
import io.fallow.device.Device;
import io.fallow.device.MemoryFile;
import io.fallow.extent.ExtentSet;
import io.fallow.format.Content;
import io.fallow.format.FileSystem;
import io.fallow.format.Format;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The smallest format that keeps the contract: a magic, a size, and where the free blocks start.
 */
final class ToyFileSystem implements Format {

  static final int BLOCK = 512;
  private static final long MAGIC = 0x544F59465330310AL;

  private record Opened(long size, ExtentSet free) implements FileSystem {
    @Override
    public String type() {
      return "toy";
    }

    @Override
    public String label() {
      return "";
    }

    @Override
    public String uuid() {
      return "";
    }

    @Override
    public long blockSize() {
      return BLOCK;
    }
  }

  static MemoryFile image(int blocks, int firstFree) {
    MemoryFile file = new MemoryFile("toy", (long) blocks * BLOCK);
    byte[] header =
        ByteBuffer.allocate(24).putLong(MAGIC).putLong(blocks).putLong(firstFree).array();
    file.write(0, MemorySegment.ofArray(header));
    return file;
  }

  @Override
  public Optional<String> recognise(Device device) throws IOException {
    return device.size() >= 24 && device.bytes(0, 8, ByteOrder.BIG_ENDIAN).bits64(0) == MAGIC
        ? Optional.of("toy")
        : Optional.empty();
  }

  @Override
  public Content open(Device device) throws IOException {
    Bytes header = device.bytes(0, 24, ByteOrder.BIG_ENDIAN);
    long blocks = header.u63(8);
    long firstFree = header.u63(16);
    header.check(blocks <= device.size() / BLOCK, 8, "blocks is %d", blocks);
    header.check(firstFree > 0 && firstFree <= blocks, 16, "first free is %d", firstFree);
    return new Opened(blocks * BLOCK, ExtentSet.of(firstFree * BLOCK, blocks * BLOCK));
  }
}
