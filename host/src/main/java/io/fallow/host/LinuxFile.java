package io.fallow.host;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.HostException;
import io.fallow.device.HostFile;
import io.fallow.device.Limits;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A regular file of a Linux host that holds an image. Symbolic links are followed.
 *
 * <p>Heap memory is read and written through a buffer of its own; native memory goes straight to
 * the kernel. One thread at a time.
 */
public final class LinuxFile implements HostFile {

  private static final int LOGICAL_BLOCK = 512;
  private static final int USUAL_BLOCK = 4096;
  private static final int LARGEST_BLOCK = 64 * 1024;

  /** The kernel moves at most 2 GiB less a page in one call. */
  private static final long LARGEST_CALL = 1L << 30;

  private static final int CLOSED = -1;

  private final Path path;
  private final Access access;
  private final Libc libc;
  private final String name;
  private final Limits limits;
  private final boolean locked;
  private int fd;
  private long size;

  /** The file's allocation, as long as nothing can have changed it. */
  private @Nullable ExtentSet allocation;

  /** What a failed flush reported; nothing is written after it. */
  private @Nullable HostException failedFlush;

  private LinuxFile(Path path, Access access, Libc libc) throws IOException {
    this.path = path;
    this.access = access;
    this.libc = libc;
    this.name = path.toString();
    requireRegular(status(libc.stat(path), "open"));
    this.fd = (int) checked(libc.open(path, access.writes() ? Libc.O_RDWR : Libc.O_RDONLY), "open");
    try {
      requireRegular(status(libc.stat(fd), "stat"));
      this.locked = access.locks() && lock();
      this.size = status(libc.stat(fd), "stat").size();
      this.limits = new Limits(LOGICAL_BLOCK, blockSize());
    } catch (IOException | RuntimeException | Error failure) {
      libc.close(fd);
      throw failure;
    }
  }

  /**
   * Opens a file, and locks it if {@code access} asks for that.
   *
   * @throws ImageInUseException if another process is in the way
   * @throws HostException if the host fails
   * @throws IOException if it is no regular file, or cannot be locked at all
   */
  public static LinuxFile open(Path path, Access access) throws IOException {
    return open(path, access, Libc.create());
  }

  static LinuxFile open(Path path, Access access, Libc libc) throws IOException {
    try {
      return new LinuxFile(path, access, libc);
    } catch (IOException | RuntimeException | Error failure) {
      libc.release();
      throw failure;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Limits limits() {
    return limits;
  }

  @Override
  public boolean writable() {
    return access.writes();
  }

  /** Whether other processes that lock images are kept out. */
  public boolean isLocked() {
    return locked;
  }

  /**
   * Whether another process has the image open for writing, as far as its locks tell, or a loop
   * device may write it. What is read then may not fit together.
   */
  public boolean isWrittenByOthers() throws IOException {
    requireOpen();
    FileStatus here = status(libc.stat(fd), "stat");
    return ImageLock.isWritten(libc, fd) || LoopDevices.holding(libc, here, true).isPresent();
  }

  /**
   * Checks that the path still leads to this file, and that the file still has the size that it was
   * seen or made to have.
   *
   * @throws IOException if another process has replaced or resized it
   */
  public void verifyUnchanged() throws IOException {
    FileStatus here = status(libc.stat(requireOpen()), "stat");
    FileStatus there = status(libc.stat(path), "stat");
    if (!here.isSameFile(there)) {
      throw new IOException(name + ": another process has put a different file in its place");
    }
    if (here.size() != size) {
      throw new IOException(
          "%s: another process has changed its size from %d to %d bytes"
              .formatted(name, size, here.size()));
    }
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    requireOpen();
    long length = target.byteSize();
    if (offset < 0 || offset > size - length) {
      throw new CorruptFormatException(
          name, offset, "%d bytes end beyond the file's size of %d".formatted(length, size));
    }
    if (target.isReadOnly()) {
      throw new IllegalArgumentException("read into read-only memory");
    }
    for (long done = 0; done < length; ) {
      long part = Math.min(length - done, target.isNative() ? LARGEST_CALL : Libc.SCRATCH);
      MemorySegment piece = target.asSlice(done, part);
      MemorySegment buffer = target.isNative() ? piece : libc.scratch().asSlice(0, part);
      long count = checked(libc.pread(fd, buffer, offset + done), "read", offset, length);
      if (count == 0) {
        throw new HostException(
            name,
            "read",
            HostException.EIO,
            "the file ends at 0x%x: another process has cut it".formatted(offset + done),
            Extent.ofLength(offset, length));
      }
      if (!target.isNative()) {
        MemorySegment.copy(buffer, 0, piece, 0, count);
      }
      done += count;
    }
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    requireWritable();
    long length = source.byteSize();
    Extent range = Extent.ofLength(offset, length);
    allocation = null;
    for (long done = 0; done < length; ) {
      long part = Math.min(length - done, source.isNative() ? LARGEST_CALL : Libc.SCRATCH);
      MemorySegment piece = source.asSlice(done, part);
      MemorySegment buffer =
          source.isNative() ? piece : libc.scratch().asSlice(0, part).copyFrom(piece);
      long count = checked(libc.pwrite(fd, buffer, offset + done), "write", offset, length);
      if (count == 0) {
        throw new HostException(name, "write", HostException.EIO, "nothing was written", range);
      }
      done += count;
      size = Math.max(size, offset + done);
    }
  }

  @Override
  public void punch(Extent range) throws IOException {
    requireWritable();
    if (range.isEmpty()) {
      return;
    }
    allocation = null;
    long result = libc.punch(fd, range.start(), range.length());
    if (result == -HostException.EOPNOTSUPP) {
      String reason = libc.describe(HostException.EOPNOTSUPP);
      throw new HostException(
          name,
          "punch",
          HostException.EOPNOTSUPP,
          reason + "; the filesystem that holds the file cannot give parts of it back",
          range);
    }
    checked(result, "punch", range.start(), range.length());
  }

  @Override
  public void resize(long newSize) throws IOException {
    requireWritable();
    if (newSize < 0) {
      throw new IllegalArgumentException("size " + newSize);
    }
    allocation = null;
    long first = Math.min(size, newSize);
    checked(libc.truncate(fd, newSize), "resize", first, Math.max(size, newSize) - first);
    size = newSize;
  }

  @Override
  public void flush() throws IOException {
    requireOpen();
    if (!writable()) {
      return;
    }
    requireWritable();
    try {
      checked(libc.fdatasync(fd), "flush");
    } catch (HostException failure) {
      failedFlush = failure;
      throw failure;
    }
  }

  @Override
  public long allocatedBytes() throws IOException {
    return status(libc.stat(requireOpen()), "stat").allocated();
  }

  @Override
  public ExtentSet allocated(Extent window) throws IOException {
    AllocationMap map = new AllocationMap(libc, requireOpen(), name);
    Extent inside = new Extent(Math.min(window.start(), size), Math.min(window.end(), size));
    if (!locked) {
      // Another process may write, so that a map of earlier on would miss what it wrote since.
      return map.read(inside);
    }
    ExtentSet all = allocation;
    if (all == null) {
      all = map.read(extent());
      allocation = all;
    }
    return clip(all, inside);
  }

  /** As {@link ExtentSet#clip}, but logarithmic in the runs outside the window. */
  private static ExtentSet clip(ExtentSet set, Extent window) {
    ExtentSet.Builder inside = ExtentSet.builder();
    for (int run = set.firstRunEndingAfter(window.start());
        run < set.runs() && set.start(run) < window.end();
        run++) {
      inside.add(Math.max(set.start(run), window.start()), Math.min(set.end(run), window.end()));
    }
    return inside.build();
  }

  @Override
  public void close() throws IOException {
    if (fd == CLOSED) {
      return;
    }
    long result = libc.close(fd);
    fd = CLOSED;
    allocation = null;
    try {
      checked(result, "close");
    } finally {
      libc.release();
    }
  }

  private boolean lock() throws IOException {
    boolean done = ImageLock.acquire(libc, fd, name, access.writes());
    if (!done && access == Access.WRITE) {
      throw new IOException(
          name
              + ": its filesystem has no locks, so another process may be using it; make sure that"
              + " none is, then use --force");
    }
    FileStatus here = status(libc.stat(fd), "stat");
    if (!here.isSameFile(status(libc.stat(path), "stat"))) {
      throw new IOException(name + ": another process has just put a different file in its place");
    }
    Optional<String> device = LoopDevices.holding(libc, here, !access.writes());
    if (device.isPresent()) {
      throw ImageInUseException.byLoopDevice(name, device.get());
    }
    return done;
  }

  private long blockSize() {
    if (libc.statfs(fd) < 0) {
      return USUAL_BLOCK;
    }
    long block = libc.scratch().get(ValueLayout.JAVA_LONG, 0x08); // f_bsize
    // Network filesystems report their largest transfer.
    return block >= LOGICAL_BLOCK && block <= LARGEST_BLOCK ? block : USUAL_BLOCK;
  }

  private void requireRegular(FileStatus status) throws IOException {
    if (!status.isRegular()) {
      throw new IOException(
          "%s: is %s; name the regular file that holds the image".formatted(name, status.kind()));
    }
  }

  private int requireOpen() throws IOException {
    if (fd == CLOSED) {
      throw new IOException(name + ": is closed");
    }
    return fd;
  }

  private void requireWritable() throws IOException {
    requireOpen();
    if (!writable()) {
      throw new IOException(name + ": is open for reading only");
    }
    HostException failed = failedFlush;
    if (failed != null) {
      throw failure(failed.operation(), failed.errno(), null);
    }
  }

  private FileStatus status(long result, String operation) throws HostException {
    checked(result, operation);
    return libc.status();
  }

  private long checked(long result, String operation) throws HostException {
    if (result < 0) {
      throw failure(operation, (int) -result, null);
    }
    return result;
  }

  private long checked(long result, String operation, long offset, long length)
      throws HostException {
    if (result < 0) {
      throw failure(operation, (int) -result, Extent.ofLength(offset, length));
    }
    return result;
  }

  private HostException failure(String operation, int errno, @Nullable Extent range) {
    return new HostException(name, operation, errno, libc.describe(errno), range);
  }
}
