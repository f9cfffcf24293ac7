package io.fallow.tests.contract;

import io.fallow.device.HostFile;
import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.testkit.ForwardingFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real file that an image's contract can open again after it closed it. */
final class OnDisk extends ForwardingFile {

  private OnDisk(HostFile file) {
    super(file);
  }

  /** The content and holes of {@code memory} in a file of the filesystem that holds a directory. */
  static OnDisk write(MemoryFile memory, Path directory) throws IOException {
    LinuxFile file = LinuxFile.open(Files.createTempFile(directory, "image", ""), Access.WRITE);
    file.resize(memory.size());
    for (Extent run : memory.allocated(memory.extent())) {
      long length = Math.min(run.end(), memory.size()) - run.start();
      MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(length)]);
      memory.read(run.start(), bytes);
      file.write(run.start(), bytes);
    }
    return new OnDisk(file);
  }

  /** Leaves it open, for the next to use. */
  @Override
  public void close() {}

  /** Closes it for good. */
  void closeForGood() throws IOException {
    super.close();
  }
}
