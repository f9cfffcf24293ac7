package io.fallow.testkit;

import io.fallow.device.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Counts what is read of a file. */
public final class CountingFile extends ForwardingFile {

  private final Reads reads = new Reads();

  /** Counts the reads of {@code file}. */
  public CountingFile(HostFile file) {
    super(file);
  }

  /** What was read so far. */
  public Reads reads() {
    return reads;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    super.read(offset, target);
    reads.add(offset, target.byteSize());
  }
}
