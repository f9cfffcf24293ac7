package io.fallow.fs.xfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a log counts as clean: real logs with one change, and rings that end anywhere. */
class LogTest {

  private static final int CYCLE = 7;

  private static Arguments change(String expected, Consumer<XfsImage> change) {
    return arguments(expected, change);
  }

  private static int headOf(XfsImage image) {
    return (int) image.unmountRecord() + 2;
  }

  private static long record(XfsImage image) {
    return image.log(image.unmountRecord());
  }

  static Stream<Arguments> dirtyLogs() {
    return Stream.of(
        change("the log was never written", LogTest::zero),
        change("cycle 9, but 0 in the last block", i -> i.put32(i.log(0) + 4, 9)),
        change("h_len 512 does not reach the head 4 blocks on", i -> i.put32(record(i), 1)),
        change("no unmount record ends at the head", i -> stamp(i, 0, headOf(i), 1)),
        change("oh_flags 0x0, not an unmount", i -> i.put8(record(i) + 0x209, 0)),
        change("oh_clientid 0x69", i -> i.put8(record(i) + 0x208, 0x69)),
        change("h_num_logops 2", i -> i.put32(record(i) + 0x28, 2)),
        change("h_lsn 0x", i -> i.put32(record(i) + 0x14, 5)),
        change("h_fs_uuid is another", i -> i.put32(record(i) + 0x130, 5)),
        change("h_len 1024 does not reach", i -> i.put32(record(i) + 0x0C, 1024)),
        change("h_len 512 does not reach", i -> i.put32(record(i) + 0x140, 512 * 1024)),
        change("h_crc 0x", i -> i.put8(record(i) + 0x3FF, 1)),
        change("h_crc 0x", i -> i.put8(record(i) + 0x100, 1)),
        // A hole in front of the record: an earlier write that did not arrive.
        change("cycle 0, expected 1: torn writes", i -> i.put32(record(i) - 512, 0)),
        // Traces of later records, without the one that comes next or after its first block.
        change("cycle 1, expected 0: torn writes", i -> i.put32(record(i) + 0x600, 1)),
        change("does not reach the head", LogTest::laterHeader));
  }

  private static void zero(XfsImage image) {
    for (long block = 0; block < 4; block++) {
      image.put64(image.log(block), 0);
    }
  }

  /** The header of a record whose content did not arrive. */
  private static void laterHeader(XfsImage image) {
    long next = record(image) + 0x400;
    image.put32(next, Xfs.XLOG_HEADER_MAGIC).put32(next + 0x04, 1).put32(next + 0x0C, 512);
  }

  @ParameterizedTest
  @MethodSource("dirtyLogs")
  void refusesDirtyLog(String expected, Consumer<XfsImage> change) throws IOException {
    XfsImage image = XfsImage.load("v5");
    assertThat(new Log(image.file(), image.sb()).unclean()).isEmpty();
    change.accept(image);
    assertThat(new Log(image.file(), image.sb()).unclean())
        .hasValueSatisfying(reason -> assertThat(reason).contains("the log is dirty", expected));
  }

  @Test
  void acceptsUnmountRecordWithoutChecksum() throws IOException {
    XfsImage image = XfsImage.load("v5");
    image.put32(record(image) + 0x20, 0);
    assertThat(new Log(image.file(), image.sb()).unclean()).isEmpty();
  }

  /** As xfs_repair -L and xfs_admin -U leave it. */
  @Test
  void acceptsTheLogThatXfsprogsCleared() throws IOException {
    XfsImage image = XfsImage.load("v5");
    stamp(image, 0, 512, 0);
    stamp(image, 512, (int) image.logBlocks(), CYCLE);
    stamp(image, 0, 2, CYCLE + 1);
    unmountRecord(image, 0, 1);
    assertThat(new Log(image.file(), image.sb()).unclean()).isEmpty();
    for (int block : new int[] {2, 3, 100, 511}) {
      image.put32(image.log(block), CYCLE + 1);
      assertThat(new Log(image.file(), image.sb()).unclean()).as("block %d", block).isPresent();
      image.put32(image.log(block), 0);
    }
    image.put32(image.log(512), CYCLE + 1);
    assertThat(new Log(image.file(), image.sb()).unclean()).isPresent();
    image.put32(image.log(512), CYCLE).put8(image.log(1) + 9, 0x10);
    assertThat(new Log(image.file(), image.sb()).unclean()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8})
  void findsTheHeadAnywhereInTheRing(int blocks) throws IOException {
    XfsImage image = XfsImage.load("v5");
    int size = (int) image.logBlocks();
    stamp(image, 0, size, CYCLE);
    int stamped = 0;
    for (int head : new int[] {2, 3, 10, 127, 128, 129, 500, 4096, size / 2, size - 1, size}) {
      stamp(image, stamped, head, CYCLE + 1);
      stamped = head;
      int start = Math.floorMod(head - blocks - 1, size);
      unmountRecord(image, start, blocks);
      assertThat(new Log(image.file(), image.sb()).unclean()).as("head %d", head).isEmpty();
      long content = image.log((start + blocks) % size);
      image.put8(content + 9, 0x10);
      assertThat(new Log(image.file(), image.sb()).unclean()).as("head %d", head).isPresent();
      for (int i = 0; i <= blocks; i++) {
        int block = (start + i) % size;
        image.put32(image.log(block), block < head ? CYCLE + 1 : CYCLE);
      }
    }
  }

  private static void stamp(XfsImage image, int from, int to, int cycle) {
    for (int block = from; block < to; block++) {
      image.put32(image.log(block), cycle);
    }
  }

  /** Writes an unmount record with {@code headers} headers and one block of content. */
  private static void unmountRecord(XfsImage image, int start, int headers) {
    int size = (int) image.logBlocks();
    long cycle = image.u32(image.log(start));
    long at = image.log(start);
    image
        .put32(at, Xfs.XLOG_HEADER_MAGIC)
        .put32(at + 0x04, cycle)
        .put32(at + 0x08, 2)
        .put32(at + 0x0C, 512)
        .put64(at + 0x10, cycle << 32 | start)
        .put32(at + 0x20, 0)
        .put32(at + 0x28, 1)
        .put64(at + 0x130, image.sb().uuid().getMostSignificantBits())
        .put64(at + 0x138, image.sb().uuid().getLeastSignificantBits())
        .put32(at + 0x140, headers * 32L * 1024);
    long content = image.log((start + headers) % size);
    image.put32(content + 4, 8).put8(content + 8, 0xAA).put8(content + 9, 0x20);
  }
}
