package io.fallow.tests.kernel;

import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One way to make a qcow2.
 *
 * @param clusterSize in bytes
 * @param arguments for {@code qemu-img convert}
 */
record Qcow2Options(int clusterSize, List<String> arguments) {

  /**
   * Random options.
   *
   * @param dense whether the disk is small and full; a large sparse one has large clusters
   */
  static Qcow2Options random(Random random, boolean dense) {
    // The default counts most; the extremes are 512 bytes and 2 MiB.
    int bits = random.nextInt(3) == 0 ? 16 : 9 + random.nextInt(13);
    bits = dense ? bits : Math.max(bits, 16);
    boolean old = random.nextInt(5) == 0;
    StringBuilder options = new StringBuilder("cluster_size=" + (1 << bits));
    options.append(old ? ",compat=0.10" : ",compat=1.1");
    boolean compressed = random.nextInt(5) == 0;
    if (!old) {
      if (random.nextInt(3) == 0) {
        options.append(",refcount_bits=").append(1 << random.nextInt(7));
      }
      if (random.nextInt(5) == 0) {
        options.append(",lazy_refcounts=on");
      }
      if (compressed && random.nextBoolean()) {
        options.append(",compression_type=zstd");
      }
    }
    List<String> arguments = new ArrayList<>(List.of("-o", options.toString()));
    if (compressed) {
      arguments.add("-c");
    } else if (dense && random.nextInt(8) == 0) {
      // Zeros are written out, so that free clusters of zeros take space too.
      arguments.addAll(List.of("-S", "0"));
    }
    return new Qcow2Options(1 << bits, arguments);
  }

  void convert(Path raw, Path qcow2) throws IOException {
    Tools.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", arguments, raw, qcow2);
  }
}
