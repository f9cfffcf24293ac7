package io.fallow.tests.fs;

import io.fallow.extent.ExtentSet;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The reference tools of ext2, ext3 and ext4. */
public final class E2fsprogs {

  /** What a tool did. */
  public record Result(int exit, String output) {}

  private static final Pattern DIFFERENCES =
      Pattern.compile("^Block bitmap differences:(.*)$", Pattern.MULTILINE);
  private static final Pattern MARKED = Pattern.compile("\\+(?:\\((\\d+)--(\\d+)\\)|(\\d+))");

  private E2fsprogs() {}

  /** Skips the test where the tools are missing; fails it in CI. */
  public static void require() {
    Tools.require("mke2fs", "dumpe2fs", "debugfs", "e2fsck");
  }

  /** The bytes that dumpe2fs lists as free. */
  public static ExtentSet free(Path image) throws IOException {
    ExtentSet.Builder builder = ExtentSet.builder();
    long blocks = 0;
    long blockSize = 0;
    long perCluster = 1;
    for (String line : Tools.attempt("dumpe2fs", image).output().lines().toList()) {
      int colon = line.indexOf(':');
      String value = line.substring(colon + 1).strip();
      switch (line.substring(0, Math.max(0, colon))) {
        case "Block count" -> blocks = Long.parseLong(value);
        case "Block size" -> blockSize = Long.parseLong(value);
        case "Cluster size" -> perCluster = Long.parseLong(value) / blockSize;
        case "  Free blocks" -> {
          for (String run : value.isEmpty() ? new String[0] : value.split(", ")) {
            String[] ends = run.split("-");
            // A range ends with the first block of its last cluster.
            long end = Long.parseLong(ends[ends.length - 1]) + perCluster;
            builder.add(Long.parseLong(ends[0]) * blockSize, Math.min(end, blocks) * blockSize);
          }
        }
        default -> {}
      }
    }
    return builder.build();
  }

  /** The blocks that e2fsck found in use though the bitmaps call them free. */
  public static List<Long> wronglyFree(String e2fsckOutput) {
    List<Long> blocks = new ArrayList<>();
    Matcher line = DIFFERENCES.matcher(e2fsckOutput);
    while (line.find()) {
      Matcher marked = MARKED.matcher(line.group(1));
      while (marked.find()) {
        String single = marked.group(3);
        long first = Long.parseLong(single != null ? single : marked.group(1));
        long last = Long.parseLong(single != null ? single : marked.group(2));
        for (long block = first; block <= last; block++) {
          blocks.add(block);
        }
      }
    }
    return blocks;
  }
}
