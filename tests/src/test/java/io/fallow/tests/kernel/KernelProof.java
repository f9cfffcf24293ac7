package io.fallow.tests.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.plan.VolumePlan;
import io.fallow.testkit.tools.FreeMap;
import io.fallow.testkit.tools.HostMap;
import io.fallow.testkit.tools.LoopMount;
import io.fallow.testkit.tools.Mkfs;
import io.fallow.testkit.tools.RandomTree;
import io.fallow.testkit.tools.Scratch;
import io.fallow.testkit.tools.Tools;
import io.fallow.testkit.tools.TreeState;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.Function;

/**
 * One random filesystem, trimmed by Fallow in a raw file and in a qcow2, and by the kernel in a
 * copy.
 *
 * <p>A granule that Fallow gave back has to be one that the kernel gave back too. The other way
 * round at most one percent may be missing. Checkers, file hashes and QEMU then judge what is left.
 */
final class KernelProof {

  /** Loop devices and the filesystems beneath them give space back in pages. */
  private static final int PAGE = 4096;

  private static final int ATTEMPTS = 40;

  private final Scratch scratch;
  private final Random random;
  private final Mkfs mkfs;
  private final Path image;
  private final TreeState files;

  private KernelProof(Scratch scratch, Function<Random, Mkfs> layouts, Random random)
      throws IOException {
    this.scratch = scratch;
    this.random = random;
    this.image = scratch.path("fs.raw");
    this.mkfs = make(layouts);
    try (LoopMount mount = LoopMount.of(scratch, image, "ro")) {
      this.files = TreeState.of(mount.root());
    }
  }

  /** Proves all of the above for the filesystem that belongs to {@code seed}. */
  static void run(Function<Random, Mkfs> layouts, long seed) throws IOException {
    try (Scratch scratch = Scratch.inMemory()) {
      KernelProof proof = new KernelProof(scratch, layouts, new Random(seed));
      try {
        proof.prove();
      } catch (AssertionError | IOException e) {
        throw new AssertionError("seed %d, %s: %s".formatted(seed, proof.mkfs, e.getMessage()), e);
      }
    }
  }

  /** Demands what {@link #run} needs. */
  static void requireTools() {
    Tools.requireRoot();
    Tools.require("mke2fs", "e2fsck", "dumpe2fs", "mkfs.xfs", "xfs_repair", "xfs_db");
    Tools.require("qemu-img", "fstrim", "fallocate", "blkid", "cp");
  }

  /**
   * Not every combination of options makes a filesystem, not every kernel mounts it, and some are
   * unclean to their own checker after plain use; those prove nothing about a trim.
   */
  private Mkfs make(Function<Random, Mkfs> layouts) throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Mkfs candidate = layouts.apply(random);
      if (candidate.make(image, random.nextLong()) && LoopMount.isPossible(scratch, image)) {
        try (LoopMount mount = LoopMount.of(scratch, image, candidate.mountOptions())) {
          RandomTree.grow(mount.root(), random);
        }
        if (candidate.isClean(image)) {
          return candidate;
        }
      }
    }
    throw new AssertionError("no layout of " + ATTEMPTS + " could be made and mounted");
  }

  private void prove() throws IOException {
    Path copy = copy("kernel.raw");
    long kernelFreeBytes;
    try (LoopMount mount = LoopMount.of(scratch, copy, mkfs.mountOptions())) {
      kernelFreeBytes = mount.freeBytes();
      mount.trim();
    }
    ExtentSet kept = HostMap.data(copy, "raw");
    ExtentSet free = FreeMap.of(mkfs.type(), image);
    proveQcow2(copy, kept, free);
    proveRaw(copy, kept, free, kernelFreeBytes);
  }

  private Path copy(String name) throws IOException {
    Path copy = scratch.path(name);
    Tools.run("cp", "--sparse=auto", "--reflink=never", image, copy);
    return copy;
  }

  private void proveRaw(Path kernel, ExtentSet kept, ExtentSet free, long kernelFreeBytes)
      throws IOException {
    Path trimmed = copy("trimmed.raw");
    ExtentSet before = HostMap.data(trimmed, "raw");
    Product.Trimmed outcome = Product.trim(trimmed, "raw");
    ExtentSet released = before.subtract(HostMap.data(trimmed, "raw"));
    assertThat(outcome.refusals()).isEmpty();
    proveIdentity(outcome);
    assertThat(outcome.free().subtract(free)).as("not free by the checkers' map").isEmpty();
    if (!mkfs.type().equals("xfs")) {
      assertThat(outcome.free().total()).as("free bytes by statfs").isEqualTo(kernelFreeBytes);
    }
    assertThat(released).as("released, as reported").isEqualTo(outcome.releasable());
    proveWithinKernel(released, kernel, kept);
    proveEnough(released, before.subtract(kept));
    proveContent(trimmed, "raw", released);
    proveFiles(trimmed);
  }

  private void proveQcow2(Path kernel, ExtentSet kept, ExtentSet free) throws IOException {
    Qcow2Options options = Qcow2Options.random(random, mkfs.dense());
    Path trimmed = scratch.path("trimmed.qcow2");
    options.convert(image, trimmed);
    ExtentSet before = HostMap.data(trimmed, "qcow2");
    Product.Trimmed outcome = Product.trim(trimmed, "qcow2");
    ExtentSet released = before.subtract(HostMap.data(trimmed, "qcow2"));
    try {
      assertThat(outcome.refusals()).isEmpty();
      assertThat(outcome.free().subtract(free)).as("not free by the checkers' map").isEmpty();
      assertThat(released).as("released, as reported").isEqualTo(outcome.releasable());
      if (options.clusterSize() >= PAGE) {
        proveWithinKernel(released, kernel, kept);
      }
      // A hole may also be a table of zeros, which is in use.
      ExtentSet byKernel = kept.complement(new Extent(0, mkfs.size())).intersect(free);
      proveEnough(released, byKernel.alignInward(options.clusterSize()).intersect(before));
      Tools.run("qemu-img", "check", "-f", "qcow2", trimmed);
      proveContent(trimmed, "qcow2", released);
      Path back = scratch.path("back.raw");
      Tools.run("qemu-img", "convert", "-f", "qcow2", "-O", "raw", trimmed, back);
      proveFiles(back);
    } catch (AssertionError e) {
      throw new AssertionError(options + ": " + e.getMessage(), e);
    }
  }

  /** Type, label and UUID are those that blkid finds. */
  private void proveIdentity(Product.Trimmed outcome) throws IOException {
    assertThat(outcome.volumes()).hasSize(1);
    VolumePlan volume = outcome.volumes().getFirst();
    String probe = Tools.run("blkid", "-p", "-o", "export", image).output();
    assertThat(probe.lines())
        .contains("TYPE=" + volume.type(), "UUID=" + volume.uuid())
        .anyMatch(line -> volume.label().isEmpty() || line.equals("LABEL=" + volume.label()));
  }

  /**
   * The kernel punches extents as it finds them, so a page that two free extents of small blocks
   * share is zeroed by it and stays allocated; and so may be one of the pages that the host's
   * filesystem holds in one piece with others. Either way it now reads as zero, where it held
   * something before. Anything else that the kernel keeps, we keep.
   */
  private void proveWithinKernel(ExtentSet released, Path kernel, ExtentSet kept)
      throws IOException {
    for (Extent run : released.intersect(kept)) {
      assertThat(content(kernel, run)).as("kept by the kernel: %s", run).containsOnly(0);
      if (run.length() >= 2L * PAGE) {
        byte[] before = content(image, run);
        assertThat(before)
            .as("zero before, and more than a shared page: %s", run)
            .isNotEqualTo(new byte[before.length]);
      }
    }
  }

  private static byte[] content(Path path, Extent run) throws IOException {
    byte[] content = new byte[Math.toIntExact(run.length())];
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      file.seek(run.start());
      file.readFully(content);
    }
    return content;
  }

  private static void proveEnough(ExtentSet released, ExtentSet byKernel) {
    long missing = byKernel.subtract(released).total();
    assertThat(missing * 100)
        .as(
            "of %d bytes that the kernel releases, %d are missing: %s",
            byKernel.total(), missing, byKernel.subtract(released))
        .isLessThanOrEqualTo(byKernel.total());
  }

  /** Outside what was released every byte is as it was, and inside it reads as zero. */
  private void proveContent(Path trimmed, String format, ExtentSet released) throws IOException {
    Path expected = copy("expected.raw");
    byte[] zeros = new byte[1 << 16];
    try (RandomAccessFile file = new RandomAccessFile(expected.toFile(), "rw")) {
      released.<IOException>forEachRun((start, end) -> {
        file.seek(start);
        for (long left = end - start; left > 0; left -= zeros.length) {
          file.write(zeros, 0, (int) Math.min(left, zeros.length));
        }
      });
      file.setLength(mkfs.size());
    }
    Tools.run("qemu-img", "compare", "-f", "raw", "-F", format, expected, trimmed);
  }

  private void proveFiles(Path trimmed) throws IOException {
    mkfs.check(trimmed);
    try (LoopMount mount = LoopMount.of(scratch, trimmed, "ro")) {
      assertThat(TreeState.of(mount.root())).isEqualTo(files);
    }
  }
}
