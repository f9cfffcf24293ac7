package io.fallow.testkit.tools;

import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the filesystem's own tools call free, to the block. */
public final class FreeMap {

  private static final Pattern RANGE = Pattern.compile("(\\d+)(?:-(\\d+))?");

  private FreeMap() {}

  /** The free bytes of an unmounted filesystem. */
  public static ExtentSet of(String type, Path image) throws IOException {
    return type.equals("xfs") ? xfs(image) : ext(image);
  }

  private static ExtentSet ext(Path image) throws IOException {
    String dump = Tools.run("dumpe2fs", image).output();
    long block = field(dump, "Block size:");
    long cluster = dump.contains("Cluster size:") ? field(dump, "Cluster size:") : block;
    long size = block * field(dump, "Block count:");
    ExtentSet.Builder builder = ExtentSet.builder();
    for (String line : dump.lines().filter(text -> text.startsWith("  Free blocks: ")).toList()) {
      Matcher range = RANGE.matcher(line);
      while (range.find()) {
        long first = Long.parseLong(range.group(1));
        long last = range.group(2) == null ? first : Long.parseLong(range.group(2));
        // With clusters of several blocks the last number names its cluster's first block.
        builder.add(first * block, Math.min(size, last * block + cluster));
      }
    }
    return builder.build();
  }

  /** By-block tree and free list of every allocation group. */
  private static ExtentSet xfs(Path image) throws IOException {
    String geometry = Tools.run("xfs_db", "-r", "-c", "sb 0", "-c", "p", image).output();
    long block = field(geometry, "blocksize =");
    long groupBlocks = field(geometry, "agblocks =");
    String dump = Tools.run("xfs_db", "-r", "-c", "freesp -d", image).output();
    ExtentSet.Builder builder = ExtentSet.builder();
    for (String line : dump.lines().skip(1).toList()) {
      String[] words = line.strip().split("\\s+");
      if (words[0].equals("from")) {
        break;
      }
      long start = Long.parseLong(words[0]) * groupBlocks + Long.parseLong(words[1]);
      builder.add(start * block, (start + Long.parseLong(words[2])) * block);
    }
    return builder.build();
  }

  private static long field(String text, String name) {
    Matcher matcher = Pattern.compile("^" + name + "\\s*(\\d+)", Pattern.MULTILINE).matcher(text);
    if (!matcher.find()) {
      throw new AssertionError("no \"" + name + "\" in: " + text);
    }
    return Long.parseLong(matcher.group(1));
  }
}
