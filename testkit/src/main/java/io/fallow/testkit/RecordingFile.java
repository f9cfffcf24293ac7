package io.fallow.testkit;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.fallow.device.HostFile;
import io.fallow.extent.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Keeps a log of every change, with its bytes, once the change succeeded. */
public final class RecordingFile extends ForwardingFile {

  private final List<Operation> log = new ArrayList<>();

  /** Records what is done to {@code file}. */
  public RecordingFile(HostFile file) {
    super(file);
  }

  /** The changes so far, in order. */
  public List<Operation> log() {
    return Collections.unmodifiableList(log);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    byte[] data = source.toArray(JAVA_BYTE);
    super.write(offset, source);
    log.add(new Operation.Write(offset, data));
  }

  @Override
  public void punch(Extent range) throws IOException {
    super.punch(range);
    log.add(new Operation.Punch(range));
  }

  @Override
  public void resize(long size) throws IOException {
    super.resize(size);
    log.add(new Operation.Resize(size));
  }

  @Override
  public void flush() throws IOException {
    super.flush();
    log.add(new Operation.Flush());
  }
}
