package io.fallow.tests.kernel;

import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.testkit.tools.FreeMap;
import io.fallow.testkit.tools.HostMap;
import io.fallow.testkit.tools.LoopMount;
import io.fallow.testkit.tools.Mkfs;
import io.fallow.testkit.tools.RandomTree;
import io.fallow.testkit.tools.Scratch;
import io.fallow.testkit.tools.Tools;
import io.fallow.testkit.tools.TreeState;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * A partitioned disk in a raw file, with files in its filesystems, every block of which takes
 * space.
 *
 * @param scratch where it lies
 * @param image the file
 * @param volumes its filesystems
 * @param swap its swap area
 */
record Disk(Scratch scratch, Path image, List<Volume> volumes, Extent swap) {

  private static final int MIB = 1 << 20;

  /**
   * A filesystem on the disk.
   *
   * @param mkfs how it was made
   * @param place where it lies
   * @param free what its own tools call free, in the disk's coordinates
   * @param files what is in it
   */
  record Volume(Mkfs mkfs, Extent place, ExtentSet free, TreeState files) {}

  /**
   * Makes a disk of 160 MiB.
   *
   * @param partition writes a table with ext at 2, XFS at 50 and swap at 120 MiB into a file
   */
  static Disk make(Scratch scratch, Random random, Partitioner partition) throws IOException {
    Path image = scratch.path("disk.raw");
    byte[] noise = RandomTree.noise(random, MIB);
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      // Stale metadata at either end would be read as a second table.
      file.setLength(160L * MIB);
      file.seek(MIB);
      for (int i = 0; i < 158; i++) {
        file.write(noise);
      }
    }
    partition.write(image);
    List<Volume> volumes = new ArrayList<>();
    Extent first = new Extent(2L * MIB, 49L * MIB);
    List<String> ext = List.of("mke2fs", "-q", "-F", "-b", "4096", "-E", "nodiscard");
    volumes.add(volume(scratch, image, first, "ext4", ext, random));
    Extent second = new Extent(50L * MIB, 119L * MIB);
    List<String> xfs = List.of("mkfs.xfs", "--unsupported", "-q", "-f", "-K");
    volumes.add(volume(scratch, image, second, "xfs", xfs, random));
    Extent swap = new Extent(120L * MIB, 159L * MIB);
    put(scratch, image, swap, random, part -> new Mkfs("swap", part, true, List.of("mkswap"), ""));
    return new Disk(scratch, image, volumes, swap);
  }

  /** Writes a partition table. */
  @FunctionalInterface
  interface Partitioner {
    void write(Path image) throws IOException;
  }

  private static Volume volume(
      Scratch scratch, Path image, Extent place, String type, List<String> maker, Random random)
      throws IOException {
    Mkfs mkfs = put(scratch, image, place, random, size -> new Mkfs(type, size, true, maker, ""));
    try (LoopMount mount = LoopMount.of(scratch, image, place, "")) {
      RandomTree.grow(mount.root(), random);
    }
    try (LoopMount mount = LoopMount.of(scratch, image, place, "ro")) {
      Path part = scratch.path("part");
      take(image, place, part);
      ExtentSet free = FreeMap.of(type, part).shift(place.start());
      return new Volume(mkfs, place, free, TreeState.of(mount.root()));
    }
  }

  /** Makers know nothing of offsets, so each works on a file of its own. */
  private static Mkfs put(
      Scratch scratch, Path image, Extent place, Random random, Function<Long, Mkfs> maker)
      throws IOException {
    Path part = scratch.path("part");
    Mkfs mkfs = maker.apply(place.length());
    if (!mkfs.make(part, random.nextLong())) {
      throw new AssertionError("cannot make " + mkfs);
    }
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw");
        InputStream in = Files.newInputStream(part)) {
      file.seek(place.start());
      in.transferTo(Channels.newOutputStream(file.getChannel()));
    }
    Files.delete(part);
    return mkfs;
  }

  /** The pages that the kernel releases in the filesystems of a copy, and all of the swap area. */
  ExtentSet free() throws IOException {
    Path copy = scratch.path("kernel.raw");
    Tools.run("cp", "--sparse=auto", "--reflink=never", image, copy);
    ExtentSet free = ExtentSet.of(swap.start() + 4096, swap.end());
    for (Volume volume : volumes) {
      try (LoopMount mount = LoopMount.of(scratch, copy, volume.place(), "")) {
        mount.trim();
      }
      free = free.union(volume.free());
    }
    // A hole may also be a table of zeros, and a free list's blocks are free and yet kept.
    ExtentSet kept = HostMap.data(copy, "raw");
    return free.subtract(kept.subtract(ExtentSet.of(swap)));
  }

  private static void take(Path image, Extent place, Path part) throws IOException {
    Tools.run(
        "dd",
        "status=none",
        "bs=1M",
        "if=" + image,
        "of=" + part,
        "skip=" + place.start() / MIB,
        "count=" + place.length() / MIB);
  }

  /** Checks and reads every filesystem of a disk that was made from this one. */
  void proveFiles(Path raw) throws IOException {
    for (Volume volume : volumes) {
      Path part = scratch.path("part");
      take(raw, volume.place(), part);
      volume.mkfs().check(part);
      try (LoopMount mount = LoopMount.of(scratch, raw, volume.place(), "ro")) {
        TreeState now = TreeState.of(mount.root());
        if (!now.equals(volume.files())) {
          throw new AssertionError("files of %s differ".formatted(volume.mkfs()));
        }
      }
      Files.delete(part);
    }
  }
}
