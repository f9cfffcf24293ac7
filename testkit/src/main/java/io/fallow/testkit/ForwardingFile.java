package io.fallow.testkit;

import io.fallow.device.HostFile;
import io.fallow.device.Limits;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Hands every call to another file. Decorators override what they watch or change. */
public abstract class ForwardingFile implements HostFile {

  private final HostFile file;

  /** Forwards to {@code file}, which it closes with itself. */
  protected ForwardingFile(HostFile file) {
    this.file = file;
  }

  /** The file that does the work. */
  protected final HostFile inner() {
    return file;
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
  public boolean writable() {
    return file.writable();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    file.read(offset, target);
  }

  @Override
  public ExtentSet allocated(Extent window) throws IOException {
    return file.allocated(window);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    file.write(offset, source);
  }

  @Override
  public void punch(Extent range) throws IOException {
    file.punch(range);
  }

  @Override
  public void resize(long size) throws IOException {
    file.resize(size);
  }

  @Override
  public void flush() throws IOException {
    file.flush();
  }

  @Override
  public long allocatedBytes() throws IOException {
    return file.allocatedBytes();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
