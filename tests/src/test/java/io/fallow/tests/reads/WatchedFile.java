package io.fallow.tests.reads;

import io.fallow.device.HostFile;
import io.fallow.extent.ExtentSet;
import io.fallow.testkit.ForwardingFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Counts what is read of a file, and notes which of it was the content of the guest's files. */
final class WatchedFile extends ForwardingFile {

  /** Every eight bytes of the guest's files. */
  static final byte[] MARK = "FileData".getBytes(StandardCharsets.US_ASCII);

  private static final int SECTOR = 512;

  private final ExtentSet.Builder data = ExtentSet.builder();
  private final ExtentSet.Builder seen = ExtentSet.builder();
  private long bytes;

  WatchedFile(HostFile file) {
    super(file);
  }

  /** The bytes read, those read twice counted twice. */
  long bytes() {
    return bytes;
  }

  /** The bytes read at least once. */
  ExtentSet seen() {
    return seen.build();
  }

  /** The sectors read that begin with a file's content. */
  ExtentSet data() {
    return data.build();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    super.read(offset, target);
    bytes += target.byteSize();
    seen.add(offset, offset + target.byteSize());
    MemorySegment mark = MemorySegment.ofArray(MARK);
    long first = Math.ceilDiv(offset, SECTOR) * SECTOR - offset;
    for (long at = first; at <= target.byteSize() - MARK.length; at += SECTOR) {
      if (target.get(ValueLayout.JAVA_BYTE, at) == MARK[0]
          && target.asSlice(at, MARK.length).mismatch(mark) < 0) {
        data.add(offset + at, offset + at + SECTOR);
      }
    }
  }
}
