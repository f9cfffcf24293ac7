package io.fallow.tests.fs;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.device.Limits;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A file as a device, which counts what is read. */
public final class ExtFile implements Device {

  private final Path path;
  private final FileChannel channel;
  private final long size;
  private long bytesRead;

  public ExtFile(Path path) throws IOException {
    this.path = path;
    this.channel = FileChannel.open(path);
    this.size = channel.size();
  }

  /** The bytes read so far. */
  public long bytesRead() {
    return bytesRead;
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Limits limits() {
    return new Limits(512, 4096);
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    if (offset < 0 || offset > size - target.byteSize()) {
      throw new CorruptFormatException(name(), offset, "read beyond the file's end");
    }
    bytesRead += target.byteSize();
    ByteBuffer buffer = target.asByteBuffer();
    for (long at = offset; buffer.hasRemaining(); ) {
      int count = channel.read(buffer, at);
      if (count < 0) {
        throw new EOFException(name());
      }
      at += count;
    }
  }

  @Override
  public ExtentSet allocated(Extent window) {
    return ExtentSet.of(window);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
