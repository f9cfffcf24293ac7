package io.fallow.host;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.fallow.device.HostException;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Finds which bytes of a file take space on the host.
 *
 * <p>The extent map ({@code FS_IOC_FIEMAP}, Documentation/filesystems/fiemap.rst) is asked first:
 * it lists extents that are allocated and were never written, as {@code fallocate} makes them. They
 * take space, and {@code SEEK_DATA} takes them for holes. It is also faster, with a thousand
 * extents in one call. Filesystems without it are asked for data, and those that know no holes are
 * full.
 */
final class AllocationMap {

  private static final int FIEMAP_FLAG_SYNC = 0x1;
  private static final int FIEMAP_EXTENT_LAST = 0x1;
  private static final int HEADER = 0x20;
  private static final int ENTRY = 0x38;
  private static final int ENTRIES_PER_CALL = 1024;

  /** {@code f_type} of ext2, ext3 and ext4. */
  private static final long EXT_MAGIC = 0xEF53;

  private static final int FS_EXTENT_FL = 0x80000;

  private final Libc libc;
  private final int fd;
  private final String name;

  AllocationMap(Libc libc, int fd, String name) {
    this.libc = libc;
    this.fd = fd;
    this.name = name;
  }

  /** The bytes of {@code window} that take space. */
  ExtentSet read(Extent window) throws HostException {
    if (window.isEmpty()) {
      return ExtentSet.empty();
    }
    ExtentSet found = fromExtents(window);
    if (found == null) {
      found = fromData(window);
    }
    return found == null ? ExtentSet.of(window) : found;
  }

  /** Null if the filesystem has no extent map. */
  @Nullable ExtentSet fromExtents(Extent window) throws HostException {
    int request = mapsDelayed() ? 0 : FIEMAP_FLAG_SYNC;
    ExtentSet.Builder found = ExtentSet.builder();
    for (long at = window.start(); at < window.end(); ) {
      MemorySegment map = request(at, window.end() - at, request);
      long result = libc.fiemap(fd);
      if (result < 0) {
        return unsupported((int) -result, "reading the extent map", window);
      }
      int count = map.get(JAVA_INT, 0x14); // fm_mapped_extents
      if (count == 0) {
        break;
      }
      long next = at;
      // One copy and plain array reads: in a young JVM several times faster than memory accesses.
      long[] entries = map.asSlice(HEADER, (long) count * ENTRY).toArray(JAVA_LONG);
      for (int entry = 0; entry < entries.length; entry += ENTRY / Long.BYTES) {
        long logical = entries[entry]; // fe_logical at 0x00
        next = logical + entries[entry + 2]; // fe_length at 0x10
        long start = Math.max(logical, window.start());
        found.add(start, Math.max(start, Math.min(next, window.end())));
      }
      int flags = map.get(JAVA_INT, HEADER + (count - 1L) * ENTRY + 0x28); // fe_flags
      if ((flags & FIEMAP_EXTENT_LAST) != 0 || next <= at) {
        break;
      }
      at = next;
    }
    return found.build();
  }

  /**
   * Whether the extent map includes bytes that wait in the page cache for a place: ext4 does so for
   * files with extents. For files with block maps it does not, and XFS leaves out what will be
   * copied on write, so all others are written back first.
   */
  private boolean mapsDelayed() {
    return libc.statfs(fd) == 0
        && libc.scratch().get(JAVA_LONG, 0x00) == EXT_MAGIC // f_type
        && libc.flags(fd) == 0
        && (libc.scratch().get(JAVA_INT, 0x00) & FS_EXTENT_FL) != 0;
  }

  private MemorySegment request(long start, long length, int flags) {
    MemorySegment map = libc.scratch().asSlice(0, HEADER + ENTRY * (long) ENTRIES_PER_CALL);
    map.set(JAVA_LONG, 0x00, start); // fm_start
    map.set(JAVA_LONG, 0x08, length); // fm_length
    map.set(JAVA_INT, 0x10, flags); // fm_flags
    map.set(JAVA_INT, 0x14, 0); // fm_mapped_extents
    map.set(JAVA_INT, 0x18, ENTRIES_PER_CALL); // fm_extent_count
    map.set(JAVA_INT, 0x1c, 0); // fm_reserved
    return map;
  }

  /** Null if the filesystem cannot tell data from holes. */
  @Nullable ExtentSet fromData(Extent window) throws HostException {
    ExtentSet.Builder found = ExtentSet.builder();
    for (long at = window.start(); at < window.end(); ) {
      long data = libc.seek(fd, at, Libc.SEEK_DATA);
      if (data == -Libc.ENXIO || data >= window.end()) {
        break;
      }
      if (data < 0) {
        return unsupported((int) -data, "looking for data", window);
      }
      long hole = libc.seek(fd, data, Libc.SEEK_HOLE);
      if (hole < 0 && hole != -Libc.ENXIO) {
        return unsupported((int) -hole, "looking for a hole", window);
      }
      // Another process may have cut the file since.
      long end = hole <= data ? window.end() : Math.min(hole, window.end());
      found.add(data, end);
      at = end;
    }
    return found.build();
  }

  private @Nullable ExtentSet unsupported(int errno, String operation, Extent window)
      throws HostException {
    return switch (errno) {
      case HostException.EINVAL,
          HostException.EOPNOTSUPP,
          HostException.ENOSYS,
          Libc.ENOTTY,
          Libc.EBADR ->
          null;
      default -> throw new HostException(name, operation, errno, libc.describe(errno), window);
    };
  }
}
