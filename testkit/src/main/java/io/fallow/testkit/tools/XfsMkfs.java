package io.fallow.testkit.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random layouts of XFS, as mkfs.xfs makes them. */
public final class XfsMkfs {

  private final Random random;
  private final List<String> command = new ArrayList<>();

  private XfsMkfs(Random random) {
    this.random = random;
  }

  /** A layout of version 5. Makers and kernels need not accept every one. */
  public static Mkfs random(Random random) {
    return new XfsMkfs(random).build();
  }

  private Mkfs build() {
    // Below 300 MB the maker wants to be told that this is meant.
    command.addAll(List.of("mkfs.xfs", "--unsupported", "-q", "-f", "-K"));
    int block = pick(1024, 2048, 4096, 4096, 4096, 8192, 16384, 65536);
    add("-b", "size=" + block);
    boolean dense = block <= 16384 && random.nextInt(10) != 0;
    long size =
        dense
            ? (20L << 20) + random.nextLong(Mkfs.DENSE_LIMIT - (20L << 20)) / 4096 * 4096
            : (256L << 20 << random.nextInt(12)) + 65536L * random.nextInt(1000);
    features(block);
    if (chance(2)) {
      add("-d", "agcount=" + (1 + random.nextInt(dense ? 4 : 40)));
    }
    if (chance(3)) {
      add("-s", "size=" + pick(512, 1024, 2048, 4096));
    }
    if (chance(3)) {
      add("-l", random.nextBoolean() ? "su=" + Math.max(4096, block) : "lazy-count=1");
    }
    if (chance(4)) {
      add("-n", "size=" + Math.max(block, pick(4096, 8192, 16384, 65536)));
    }
    if (chance(4)) {
      add("-L", "label" + random.nextInt(1000));
    }
    return new Mkfs("xfs", size, dense, command, "");
  }

  private void features(int block) {
    StringBuilder metadata = new StringBuilder("crc=1");
    for (String name : List.of("finobt", "rmapbt", "reflink", "bigtime", "inobtcount")) {
      if (chance(2)) {
        metadata.append(",%s=%d".formatted(name, random.nextInt(2)));
      }
    }
    add("-m", metadata);
    StringBuilder inodes = new StringBuilder("size=" + Math.min(pick(512, 512, 1024), block / 2));
    for (String name : List.of("sparse", "nrext64")) {
      if (chance(2)) {
        inodes.append(",%s=%d".formatted(name, random.nextInt(2)));
      }
    }
    add("-i", inodes);
  }

  private void add(String option, Object value) {
    command.add(option);
    command.add(value.toString());
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private int pick(int... values) {
    return values[random.nextInt(values.length)];
  }
}
