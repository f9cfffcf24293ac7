package io.fallow.testkit;

import io.fallow.device.HostFile;
import io.fallow.extent.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** One change of a file, as it was asked for. */
public sealed interface Operation {

  /** Does it to {@code file}. */
  void apply(HostFile file) throws IOException;

  /**
   * Bytes written.
   *
   * @param offset where, in bytes
   * @param data what; never changed
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by no one
  record Write(long offset, byte[] data) implements Operation {
    @Override
    public void apply(HostFile file) throws IOException {
      file.write(offset, MemorySegment.ofArray(data));
    }

    @Override
    public String toString() {
      return "write 0x%x+0x%x".formatted(offset, data.length);
    }
  }

  /** A range given back. */
  record Punch(Extent range) implements Operation {
    @Override
    public void apply(HostFile file) throws IOException {
      file.punch(range);
    }

    @Override
    public String toString() {
      return "punch 0x%x+0x%x".formatted(range.start(), range.length());
    }
  }

  /** The size set, in bytes. */
  record Resize(long size) implements Operation {
    @Override
    public void apply(HostFile file) throws IOException {
      file.resize(size);
    }

    @Override
    public String toString() {
      return "resize 0x%x".formatted(size);
    }
  }

  /** All before it made durable. */
  record Flush() implements Operation {
    @Override
    public void apply(HostFile file) throws IOException {
      file.flush();
    }

    @Override
    public String toString() {
      return "flush";
    }
  }
}
