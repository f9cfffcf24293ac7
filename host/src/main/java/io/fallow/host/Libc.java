package io.fallow.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The functions of Linux's C library that Fallow calls, on x86-64 and ARM64. All of the product's
 * native calls are made here.
 *
 * <p>Each returns what the C function does, or the negative error number where that returns −1, and
 * starts again when a signal interrupts it.
 *
 * <p>An instance owns a piece of native memory, and serves one thread at a time. It is reused after
 * {@link #release}.
 */
class Libc {

  static final int EINTR = 4;
  static final int ENXIO = 6;
  static final int EBADF = 9;
  static final int ENOTTY = 25;
  static final int ENOLCK = 37;
  static final int EBADR = 53;

  static final int O_RDONLY = 0;
  static final int O_RDWR = 0x2;
  private static final int O_NOCTTY = 0x100;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;

  static final int SEEK_DATA = 3;
  static final int SEEK_HOLE = 4;

  private static final long AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int FALLOC_FL_KEEP_SIZE = 0x1;
  private static final int FALLOC_FL_PUNCH_HOLE = 0x2;
  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final int F_RDLCK = 0;
  private static final int F_WRLCK = 1;
  private static final int F_UNLCK = 2;
  private static final long FS_IOC_GETFLAGS = 0x80086601L;
  private static final long FS_IOC_FIEMAP = 0xC020660BL;

  /** The size of the memory that calls may use, in bytes. */
  static final int SCRATCH = 256 * 1024;

  private static final int PAGE = 4096;
  private static final int PATH_MAX = 4096;
  private static final int LONGEST_ERROR_TEXT = 256;
  private static final MemorySegment NOTHING = MemorySegment.NULL;

  private static final Function OPENAT = new Function("openat", false);
  private static final Function CLOSE = new Function("close", false);
  private static final Function STATX = new Function("statx", false);
  private static final Function FSTATFS = new Function("fstatfs", false);
  private static final Function PREAD = new Function("pread", true);
  private static final Function PWRITE = new Function("pwrite", true);
  private static final Function FALLOCATE = new Function("fallocate", false);
  private static final Function FTRUNCATE = new Function("ftruncate", false);
  private static final Function FDATASYNC = new Function("fdatasync", false);
  private static final Function LSEEK = new Function("lseek", true);
  private static final Function FCNTL = new Function("fcntl", false);
  private static final Function IOCTL = new Function("ioctl", false);
  private static final Function STRERROR = new Function("strerror", true);

  /** Memory that no one uses at the moment. It is never freed, so that no call can miss it. */
  private static final ArrayDeque<MemorySegment> POOL = new ArrayDeque<>();

  private final MemorySegment memory;
  private final MemorySegment scratch;

  Libc() {
    memory = takeMemory();
    scratch = memory.asSlice(PAGE, SCRATCH);
  }

  /**
   * Makes the calls available.
   *
   * @throws IOException if this is not a Linux that Fallow knows, or native calls are forbidden
   */
  static Libc create() throws IOException {
    String system = System.getProperty("os.name");
    String machine = System.getProperty("os.arch");
    if (!system.equals("Linux") || !(machine.equals("amd64") || machine.equals("aarch64"))) {
      throw new IOException(
          "Fallow runs on Linux on x86-64 or ARM64; this is %s on %s".formatted(system, machine));
    }
    try {
      return new Libc();
    } catch (ExceptionInInitializerError error) {
      if (error.getCause() instanceof IllegalCallerException) {
        throw new IOException(
            "Java may not make native calls: start it with --enable-native-access=io.fallow.host",
            error);
      }
      throw error;
    }
  }

  /** Gives the memory back. The instance must not be used any more. */
  void release() {
    synchronized (POOL) {
      POOL.push(memory);
    }
  }

  /** Memory for arguments and results, page aligned. Any call may use it. */
  MemorySegment scratch() {
    return scratch;
  }

  /** Opens a file; never waits for one, and never makes it a controlling terminal. */
  long open(Path path, int access) throws IOException {
    int flags = access | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    return call(OPENAT, AT_FDCWD, string(path), flags, 0, NOTHING);
  }

  /** Closes a file. Linux has closed it even if it reports an error, so this is not repeated. */
  long close(int fd) {
    return callOnce(CLOSE, fd, NOTHING, 0, 0, NOTHING);
  }

  /** Describes the file at {@code path}, following links; {@link #status} decodes it. */
  long stat(Path path) throws IOException {
    MemorySegment name = string(path);
    return call(STATX, AT_FDCWD, name, 0, STATX_BASIC_STATS, scratch);
  }

  /** Describes an open file; {@link #status} decodes it. */
  long stat(int fd) {
    MemorySegment empty = scratch.asSlice(FileStatus.BYTES, 1).fill((byte) 0);
    return call(STATX, fd, empty, AT_EMPTY_PATH, STATX_BASIC_STATS, scratch);
  }

  /** What the last {@code stat} told. */
  FileStatus status() {
    return FileStatus.decode(scratch);
  }

  /** Describes the filesystem that holds a file: {@code f_type} at 0, {@code f_bsize} at 8. */
  long statfs(int fd) {
    return call(FSTATFS, fd, scratch, 0, 0, NOTHING);
  }

  long pread(int fd, MemorySegment target, long offset) {
    return call(PREAD, fd, target, target.byteSize(), offset, NOTHING);
  }

  long pwrite(int fd, MemorySegment source, long offset) {
    return call(PWRITE, fd, source, source.byteSize(), offset, NOTHING);
  }

  long punch(int fd, long offset, long length) {
    MemorySegment mode = word(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
    return call(FALLOCATE, fd, mode, offset, length, NOTHING);
  }

  long truncate(int fd, long size) {
    return call(FTRUNCATE, fd, word(size), 0, 0, NOTHING);
  }

  long fdatasync(int fd) {
    return call(FDATASYNC, fd, NOTHING, 0, 0, NOTHING);
  }

  long seek(int fd, long offset, int whence) {
    return call(LSEEK, fd, word(offset), whence, 0, NOTHING);
  }

  /** Takes a shared lock on one byte, for as long as the file is open. Does not wait for it. */
  long lockShared(int fd, long offset) {
    return lock(F_OFD_SETLK, fd, F_RDLCK, offset);
  }

  /** Whether another open file has a lock on one byte: 0 if not, 1 if so. */
  long testLock(int fd, long offset) {
    long result = lock(F_OFD_GETLK, fd, F_WRLCK, offset);
    if (result < 0) {
      return result;
    }
    return scratch.get(ValueLayout.JAVA_SHORT, 0) == F_UNLCK ? 0 : 1; // l_type
  }

  private long lock(int command, int fd, int type, long offset) {
    MemorySegment flock = scratch.asSlice(0, 0x20).fill((byte) 0);
    flock.set(ValueLayout.JAVA_SHORT, 0x00, (short) type); // l_type; l_whence 0 is SEEK_SET
    flock.set(JAVA_LONG, 0x08, offset); // l_start
    flock.set(JAVA_LONG, 0x10, 1); // l_len
    return call(FCNTL, fd, word(command), flock.address(), 0, NOTHING);
  }

  /** A file's attributes ({@code FS_*_FL}), as an {@code int} at the start of scratch. */
  long flags(int fd) {
    return call(IOCTL, fd, word(FS_IOC_GETFLAGS), scratch.address(), 0, NOTHING);
  }

  /** Maps a file's extents; the request and the answer are a {@code struct fiemap} in scratch. */
  long fiemap(int fd) {
    return call(IOCTL, fd, word(FS_IOC_FIEMAP), scratch.address(), 0, NOTHING);
  }

  /** The system's text for an error number. */
  String describe(int errno) {
    long text = callOnce(STRERROR, errno, NOTHING, 0, 0, NOTHING);
    if (text <= 0) {
      return "error " + errno;
    }
    return MemorySegment.ofAddress(text).reinterpret(LONGEST_ERROR_TEXT).getString(0);
  }

  /** A path as the system spells it, at the end of scratch. */
  private MemorySegment string(Path path) throws IOException {
    byte[] bytes =
        path.toString().getBytes(Charset.forName(System.getProperty("sun.jnu.encoding")));
    if (bytes.length >= PATH_MAX) {
      throw new IOException(path + ": the path is too long");
    }
    MemorySegment string = scratch.asSlice(SCRATCH - PATH_MAX, bytes.length + 1L);
    MemorySegment.copy(bytes, 0, string, ValueLayout.JAVA_BYTE, 0, bytes.length);
    string.set(ValueLayout.JAVA_BYTE, bytes.length, (byte) 0);
    return string;
  }

  /** A number where the common shape has an address: both are one register. */
  private static MemorySegment word(long value) {
    return MemorySegment.ofAddress(value);
  }

  private long call(Function function, long a, MemorySegment b, long c, long d, MemorySegment e) {
    long result;
    do {
      result = callOnce(function, a, b, c, d, e);
    } while (result == -EINTR);
    return result;
  }

  private long callOnce(
      Function function, long a, MemorySegment b, long c, long d, MemorySegment e) {
    long raw;
    try {
      raw = (long) Linkage.SHAPE.invokeExact(function.address(), memory, a, b, c, d, e);
    } catch (Throwable impossible) {
      throw new IllegalStateException(function.name + " could not be called", impossible);
    }
    long result = function.wide ? raw : (int) raw;
    return result == -1 ? -memory.get(JAVA_INT, 0) : result; // errno is all of the captured state
  }

  private static MemorySegment takeMemory() {
    Linkage.SHAPE.type();
    synchronized (POOL) {
      MemorySegment pooled = POOL.poll();
      return pooled != null ? pooled : Arena.global().allocate(PAGE + SCRATCH, PAGE);
    }
  }

  /**
   * One shape serves every function, since each shape costs 5 to 10 ms of a process's start: five
   * registers in, one out. On both architectures the first arguments, variadic or not, travel in
   * registers of 64 bits, of which a C function reads no more than it declares.
   */
  private static final class Linkage {

    static final Linker LINKER = Linker.nativeLinker();
    static final SymbolLookup LOOKUP = LINKER.defaultLookup();
    static final MethodHandle SHAPE =
        LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS),
            Linker.Option.captureCallState("errno"));
  }

  /** A C function, looked up when it is first called. */
  private static final class Function {

    final String name;

    /** Whether its result has 64 bits. Of an {@code int} the upper half is undefined. */
    final boolean wide;

    private @Nullable MemorySegment address;

    Function(String name, boolean wide) {
      this.name = name;
      this.wide = wide;
    }

    /** Threads that race here find the same. */
    MemorySegment address() {
      MemorySegment found = address;
      if (found == null) {
        found = Linkage.LOOKUP.findOrThrow(name);
        address = found;
      }
      return found;
    }
  }
}
