package io.fallow.testkit.tools;

import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The allocation of an image as {@code qemu-img map} sees it, which owes Fallow nothing. */
public final class HostMap {

  private static final Pattern RUN =
      Pattern.compile("\"start\": (\\d+), \"length\": (\\d+),.*?\"zero\": (true|false)");

  private HostMap() {}

  /**
   * The guest bytes of an image that hold data: those that are no hole of a raw file, or neither
   * unallocated nor zero in a qcow2.
   */
  public static ExtentSet data(Path image, String format) throws IOException {
    String map = Tools.run("qemu-img", "map", "-f", format, "--output=json", image).output();
    ExtentSet.Builder builder = ExtentSet.builder();
    Matcher matcher = RUN.matcher(map);
    while (matcher.find()) {
      if (matcher.group(3).equals("false")) {
        long start = Long.parseLong(matcher.group(1));
        builder.add(start, start + Long.parseLong(matcher.group(2)));
      }
    }
    return builder.build();
  }
}
