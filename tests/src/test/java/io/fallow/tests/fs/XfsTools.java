package io.fallow.tests.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.extent.ExtentSet;
import io.fallow.format.Content;
import io.fallow.fs.xfs.XfsFormat;
import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** xfsprogs and the kernel's XFS, as what is compared with. */
final class XfsTools {

  /** A mounted image. */
  record Mount(Path image, Path at) implements AutoCloseable {

    static Mount of(Path image, Path at, String options) throws IOException {
      Files.createDirectories(at);
      must("mount", "-o", "loop" + options, image.toString(), at.toString());
      return new Mount(image, at);
    }

    @Override
    public void close() throws IOException {
      must("umount", at.toString());
    }
  }

  private XfsTools() {}

  /** Skips the test where XFS cannot be mounted; in CI that fails it. */
  static void needMounts() throws IOException {
    Tools.requireRoot();
    Tools.require(
        "mkfs.xfs",
        "xfs_db",
        "xfs_io",
        "xfs_admin",
        "xfs_logprint",
        "xfs_repair",
        "mount",
        "fallocate");
    Tools.require(kernelHasXfs(), "the kernel has no XFS");
  }

  private static boolean kernelHasXfs() throws IOException {
    return Files.readString(Path.of("/proc/filesystems")).contains("\txfs\n")
        || Tools.attempt("modprobe", "xfs").exit() == 0;
  }

  static String must(String... command) throws IOException {
    return Tools.run((Object[]) command).all();
  }

  static Content open(Path image) throws IOException {
    try (LinuxFile file = LinuxFile.open(image, Access.READ_UNLOCKED)) {
      return new XfsFormat().open(file);
    }
  }

  /** A copy of an image as it is now, holes included. */
  static Path copy(Path image, String name) throws IOException {
    Path copy = image.resolveSibling(name);
    must("cp", "--sparse=always", image.toString(), copy.toString());
    return copy;
  }

  /** Whether xfsprogs call the log clean. */
  static boolean logIsClean(Path image) throws IOException {
    String output = Tools.attempt("xfs_logprint", "-t", image).all();
    Matcher state = Pattern.compile("state: <(CLEAN|DIRTY)>").matcher(output);
    assertThat(state.find()).as(output).isTrue();
    return state.group(1).equals("CLEAN");
  }

  /** The lap of the log on which its first block was last written. */
  static int logLap(Path image) throws IOException {
    Matcher start =
        Pattern.compile("daddr: (\\d+)").matcher(must("xfs_logprint", "-t", image.toString()));
    assertThat(start.find()).isTrue();
    ByteBuffer words = ByteBuffer.allocate(8);
    try (FileChannel channel = FileChannel.open(image)) {
      channel.read(words, Long.parseLong(start.group(1)) * 512);
    }
    // The cycle is the first word, but in headers the second one.
    return words.getInt(0) == 0xFEEDBABE ? words.getInt(4) : words.getInt(0);
  }

  /** The free extents that xfs_db lists, without the blocks of the groups' own free lists. */
  static ExtentSet xfsDbFree(Path image) throws IOException {
    List<Long> geometry = values(image, "-c", "sb 0", "-c", "p agcount agblocks blocksize");
    long agCount = geometry.get(0);
    List<String> commands = new ArrayList<>();
    for (long agno = 0; agno < agCount; agno++) {
      commands.addAll(List.of("-c", "agf " + agno, "-c", "p flcount"));
    }
    List<Long> freeLists = values(image, commands.toArray(String[]::new));
    TreeMap<Integer, Long> seen = new TreeMap<>();
    ExtentSet.Builder free = ExtentSet.builder();
    String listing = must("xfs_db", "-r", "-c", "freesp -d", image.toString());
    for (String line : listing.lines().skip(1).toList()) {
      String[] columns = line.strip().split(" +");
      if (columns.length != 3 || !Character.isDigit(columns[0].charAt(0))) {
        break;
      }
      int agno = Integer.parseInt(columns[0]);
      // xfs_db lists each group's free list first.
      if (seen.merge(agno, 1L, Long::sum) > freeLists.get(agno)) {
        long start = agno * geometry.get(1) + Long.parseLong(columns[1]);
        long end = start + Long.parseLong(columns[2]);
        free.add(start * geometry.get(2), end * geometry.get(2));
      }
    }
    return free.build();
  }

  private static List<Long> values(Path image, String... commands) throws IOException {
    List<String> command = new ArrayList<>(List.of("xfs_db", "-r"));
    command.addAll(List.of(commands));
    command.add(image.toString());
    return must(command.toArray(String[]::new))
        .lines()
        .filter(line -> line.contains(" = "))
        .map(line -> Long.valueOf(line.substring(line.indexOf('=') + 1).strip()))
        .toList();
  }
}
