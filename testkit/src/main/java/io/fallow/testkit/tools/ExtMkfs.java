package io.fallow.testkit.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random layouts of ext2, ext3 and ext4, as mke2fs makes them. */
public final class ExtMkfs {

  private static final List<String> FEATURES_OF_ANY =
      List.of("^resize_inode", "^sparse_super", "^filetype", "^dir_index", "^ext_attr");

  private static final List<String> FEATURES_OF_EXT4 =
      List.of(
          "^flex_bg",
          "meta_bg,^resize_inode",
          "64bit",
          "^64bit",
          "^metadata_csum,uninit_bg",
          "^metadata_csum,^uninit_bg",
          "metadata_csum",
          "metadata_csum,metadata_csum_seed",
          "sparse_super2,^resize_inode",
          "^extent,^64bit",
          "^huge_file",
          "^extra_isize",
          "^dir_nlink",
          "large_dir",
          "inline_data",
          "ea_inode",
          "encrypt",
          "verity",
          "casefold",
          "stable_inodes",
          "quota",
          "quota,project",
          "orphan_file",
          "fast_commit",
          "mmp",
          "^has_journal");

  private final Random random;
  private final List<String> command = new ArrayList<>();
  private final List<String> features = new ArrayList<>();

  private ExtMkfs(Random random) {
    this.random = random;
  }

  /** The layout that belongs to a seed. Makers and kernels need not accept every one. */
  public static Mkfs random(String type, Random random) {
    return new ExtMkfs(random).build(type, false);
  }

  /** A layout with clusters of several blocks. */
  public static Mkfs bigalloc(Random random) {
    return new ExtMkfs(random).build("ext4", true);
  }

  private Mkfs build(String type, boolean bigalloc) {
    command.addAll(List.of("mke2fs", "-q", "-F", "-t", type));
    int block = pick(1024, 1024, 2048, 4096, 4096);
    add("-b", block);
    boolean dense = random.nextInt(12) != 0;
    long size = size(block, dense, bigalloc);
    if (chance(3)) {
      features.add(FEATURES_OF_ANY.get(random.nextInt(FEATURES_OF_ANY.size())));
    }
    if (type.equals("ext4")) {
      for (int count = random.nextInt(4); count > 0; count--) {
        features.add(FEATURES_OF_EXT4.get(random.nextInt(FEATURES_OF_EXT4.size())));
      }
    }
    if (bigalloc) {
      features.add("bigalloc");
      add("-C", block * pick(2, 4, 16, 16, 32));
    }
    geometry(block, size);
    journal(type, size);
    add(
        "-E",
        "nodiscard,lazy_itable_init=%d,lazy_journal_init=%d"
            .formatted(random.nextInt(2), random.nextInt(2)));
    if (!features.isEmpty()) {
      add("-O", String.join(",", features));
    }
    return new Mkfs(type, size, dense, command, type.equals("ext4") ? "noinit_itable" : "");
  }

  /** From the smallest that holds a file to some terabytes, mostly small. */
  private long size(int block, boolean dense, boolean bigalloc) {
    if (!dense) {
      return (long) block * (1 << pick(17, 18, 19, 20, 24)) + 4096L * random.nextInt(1000);
    }
    long most = bigalloc || chance(4) ? Mkfs.DENSE_LIMIT : 20L << 20;
    return (1L << 20) + random.nextLong(most - (1L << 20)) / 1024 * 1024;
  }

  private void geometry(int block, long size) {
    if (chance(3)) {
      add("-g", 8 * (32 + random.nextInt(block - 31)));
    }
    if (chance(3)) {
      add("-G", pick(1, 2, 4, 8, 32, 64));
    }
    if (chance(3)) {
      add("-I", pick(128, 256, 256, 512, 1024));
    }
    if (chance(4)) {
      add("-N", 64 + random.nextInt((int) Math.min(20_000, 64 + size / 8192)));
    } else if (chance(4)) {
      add("-i", pick(4096, 8192, 65536));
    }
    if (chance(4)) {
      add("-m", random.nextInt(20));
    }
    if (chance(4)) {
      add("-L", "label" + random.nextInt(1000));
    }
  }

  private void journal(String type, long size) {
    if (!type.equals("ext2") && size > (8L << 20) && !chance(3)) {
      add("-J", "size=" + (1 + random.nextInt(4)));
    }
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
