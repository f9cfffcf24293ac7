package io.fallow.fs.xfs;

import io.fallow.bytes.Bytes;
import io.fallow.device.Device;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The internal log: a ring of basic blocks that is written round and round, each lap with the next
 * cycle number. Its head is where the cycle drops by one, or the end of the ring.
 *
 * <p>It is clean if the record that ends at the head is an unmount record, as in the kernel's
 * {@code xlog_find_head} and {@code xlog_check_unmount_rec}: the kernel writes one only after all
 * metadata reached its place, and waits for it. Stricter than the kernel, which drops torn writes
 * at the head and looks at what is before them: any trace of those makes the log dirty here.
 */
final class Log {

  /**
   * How many basic blocks on each side of the head must have the right cycle: more than what a log
   * buffer of usual size takes.
   */
  private static final int MARGIN = 128;

  /** How far into the ring the zeros reach at most that xfsprogs leave. */
  private static final int CLEARED = 1024;

  private static final String ADVICE =
      "; mount and unmount the filesystem so that its log is replayed";

  private final Device device;
  private final Superblock sb;
  private final long start;
  private final long blocks;

  Log(Device device, Superblock sb) {
    this.device = device;
    this.sb = sb;
    this.start = sb.offset(sb.logAgno(), sb.logAgbno());
    this.blocks = sb.logBlocks() * sb.blockSize() / Xfs.BASIC_BLOCK;
  }

  /** Why the log is not provably clean: one line that says what to do; empty if it is clean. */
  Optional<String> unclean() throws IOException {
    long first = cycle(0);
    long last = cycle(blocks - 1);
    if (first == 0) {
      return dirty(0, "the log was never written; run xfs_repair");
    }
    if (first != last && first != last + 1) {
      return dirty(0, "cycle %d, but %d in the last block".formatted(first, last) + ADVICE);
    }
    long head = first == last ? blocks : findCycleStart(last);
    if (head <= CLEARED && first > 1 && cleared((int) head, first, last)) {
      return Optional.empty();
    }
    return checkHead(head, first, last);
  }

  /**
   * Whether xfsprogs have cleared the log, and nothing was written since: an unmount record of a
   * new cycle at its start, then blocks of zeros, which the kernel never writes after the first
   * lap, and the rest of the ring in the cycle before.
   */
  private boolean cleared(int head, long first, long last) throws IOException {
    int count = (int) Math.min(head + MARGIN, blocks);
    Bytes window = read(0, count);
    int used = 0;
    while (used < head && LogRecord.cycle(window, (long) used * Xfs.BASIC_BLOCK) == first) {
      used++;
    }
    for (int i = used; i < count; i++) {
      if (LogRecord.cycle(window, (long) i * Xfs.BASIC_BLOCK) != (i < head ? 0 : last)) {
        return false;
      }
    }
    Bytes record = window.slice(0, (long) used * Xfs.BASIC_BLOCK);
    return used < head
        && LogRecord.starts(window, 0)
        && new LogRecord(record).notUnmount(sb, 0).isEmpty();
  }

  /** Binary search for the first block of the ring's remainder, which is one cycle behind. */
  private long findCycleStart(long cycle) throws IOException {
    long newer = 0;
    long older = blocks - 1;
    while (older - newer > 1) {
      long middle = (newer + older) >>> 1;
      if (cycle(middle) == cycle) {
        older = middle;
      } else {
        newer = middle;
      }
    }
    return older;
  }

  /** Reads what surrounds the head, checks the cycles there, and the record that ends at it. */
  private Optional<String> checkHead(long head, long first, long last) throws IOException {
    long record = LogRecord.MAX_UNMOUNT_BLOCKS + sb.logStripe() / Xfs.BASIC_BLOCK;
    int before = (int) Math.min(Math.max(MARGIN, record), blocks);
    int after = (int) Math.min(MARGIN, blocks - before);
    Bytes window = read(Math.floorMod(head - before, blocks), before + after);
    for (int i = 0; i < before + after; i++) {
      long block = Math.floorMod(head - before + i, blocks);
      long expected = block < head ? first : last;
      long found = LogRecord.cycle(window, (long) i * Xfs.BASIC_BLOCK);
      if (found != expected) {
        return dirty(
            block, "cycle %d, expected %d: torn writes".formatted(found, expected) + ADVICE);
      }
    }
    int header = before - 1;
    while (header >= 0 && !LogRecord.starts(window, (long) header * Xfs.BASIC_BLOCK)) {
      header--;
    }
    if (header < 0) {
      return dirty(head, "no unmount record ends at the head" + ADVICE);
    }
    long block = Math.floorMod(head - before + header, blocks);
    Bytes bytes =
        window.slice((long) header * Xfs.BASIC_BLOCK, (long) (before - header) * Xfs.BASIC_BLOCK);
    return new LogRecord(bytes)
        .notUnmount(sb, block)
        .flatMap(found -> dirty(block, "the last record is no unmount record: " + found + ADVICE));
  }

  private Optional<String> dirty(long block, String reason) {
    return Optional.of(
        "%s at 0x%x: the log is dirty: block 0x%x: %s"
            .formatted(device.name(), start + block * Xfs.BASIC_BLOCK, block, reason));
  }

  private long cycle(long block) throws IOException {
    return LogRecord.cycle(read(block, 1), 0);
  }

  /** Reads {@code count} blocks from {@code block} on, over the ring's end. */
  private Bytes read(long block, int count) throws IOException {
    byte[] bytes = new byte[count * Xfs.BASIC_BLOCK];
    int toEnd = (int) Math.min(count, blocks - block) * Xfs.BASIC_BLOCK;
    long offset = start + block * Xfs.BASIC_BLOCK;
    MemorySegment memory = MemorySegment.ofArray(bytes);
    device.read(offset, memory.asSlice(0, toEnd));
    if (toEnd < bytes.length) {
      device.read(start, memory.asSlice(toEnd));
    }
    return new Bytes(memory, ByteOrder.BIG_ENDIAN, device.name(), offset);
  }
}
