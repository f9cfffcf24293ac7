package io.fallow.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.format.FileSystem;
import io.fallow.format.Layer;
import io.fallow.volume.Disks;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Whatever a disk holds, it ends in a tree whose volumes lie within their parents. */
class StackFuzzTest {

  private static final int SIZE = 4 << 20;

  @FuzzTest
  void anyDisk(byte[] head) throws IOException {
    check(Arrays.copyOf(head, Math.max(head.length, SIZE)));
  }

  /** Changes a sound GPT and mends its checksums, so that what lies behind them is reached. */
  @FuzzTest
  void gptWithSoundChecksums(byte[] changes) throws IOException {
    byte[] disk = mutated("gpt", changes, 512 * 34);
    Disks.sealGpt(disk, 512, 512);
    System.arraycopy(disk, 1024, disk, 8159 * 512, 128 * 128);
    Disks.sealGpt(disk, 8191 * 512, 512);
    check(disk);
  }

  @FuzzTest
  void mbr(byte[] changes) throws IOException {
    check(mutated("mbr", changes, SIZE));
  }

  @FuzzTest
  void swap(byte[] changes) throws IOException {
    check(mutated("swap-4096", changes, 4096));
  }

  /** Applies triples of a 16-bit place, in units that reach all of {@code window}, and a byte. */
  private static byte[] mutated(String fixture, byte[] changes, int window) {
    byte[] disk = Disks.bytes(fixture);
    for (int i = 0; i + 3 < changes.length; i += 4) {
      int place =
          (changes[i] & 0xFF) << 16 | (changes[i + 1] & 0xFF) << 8 | (changes[i + 2] & 0xFF);
      disk[place % Math.min(window, disk.length)] = changes[i + 3];
    }
    return disk;
  }

  private static void check(byte[] disk) throws IOException {
    Node root = Stack.of(Disks.sparse(disk));
    check(root);
    assertThat(root.place().contains(released(root))).isTrue();
  }

  private static void check(Node node) {
    for (Node child : node.children()) {
      assertThat(node.place().contains(child.place())).isTrue();
      for (Node other : node.children()) {
        assertThat(!other.path().equals(child.path()) && other.place().overlaps(child.place()))
            .isFalse();
      }
      check(child);
    }
  }

  private static Extent released(Node node) {
    ExtentSet set = releasedSet(node);
    return set.isEmpty() ? new Extent(0, 0) : new Extent(set.start(0), set.end(set.runs() - 1));
  }

  private static ExtentSet releasedSet(Node node) {
    return switch (node.content()) {
      case FileSystem fileSystem -> fileSystem.free();
      case Layer layer ->
          layer.release(
              List.copyOf(node.children().stream().map(StackFuzzTest::releasedSet).toList()));
      default -> ExtentSet.empty();
    };
  }
}
