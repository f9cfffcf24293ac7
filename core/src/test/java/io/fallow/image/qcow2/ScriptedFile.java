package io.fallow.image.qcow2;

import io.fallow.device.HostException;
import io.fallow.device.HostFile;
import io.fallow.device.Limits;
import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A file that notes each change, and fails from a chosen one on. */
final class ScriptedFile implements HostFile {

  private final MemoryFile file;
  private final boolean writable;
  private final int failAt;
  private final List<String> changes = new ArrayList<>();
  private long bytesRead;

  ScriptedFile(MemoryFile file, boolean writable, int failAt) {
    this.file = file;
    this.writable = writable;
    this.failAt = failAt;
  }

  static ScriptedFile recording(MemoryFile file) {
    return new ScriptedFile(file, true, Integer.MAX_VALUE);
  }

  /** The kinds of change so far. */
  List<String> changes() {
    return changes;
  }

  long bytesRead() {
    return bytesRead;
  }

  private void note(String change) throws HostException {
    if (changes.size() >= failAt) {
      throw new HostException(name(), change, HostException.EIO, "Input/output error", null);
    }
    changes.add(change);
  }

  @Override
  public boolean writable() {
    return writable;
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    note("write");
    file.write(offset, source);
  }

  @Override
  public void punch(Extent range) throws IOException {
    note("punch");
    file.punch(range);
  }

  @Override
  public void resize(long size) throws IOException {
    note("resize");
    file.resize(size);
  }

  @Override
  public void flush() throws IOException {
    note("flush");
  }

  @Override
  public long allocatedBytes() {
    return file.allocatedBytes();
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public long size() {
    return file.size();
  }

  @Override
  public Limits limits() {
    return file.limits();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    bytesRead += target.byteSize();
    file.read(offset, target);
  }

  @Override
  public ExtentSet allocated(Extent window) {
    return file.allocated(window);
  }
}
