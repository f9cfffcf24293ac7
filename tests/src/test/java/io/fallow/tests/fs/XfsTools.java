package io.fallow.tests.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.device.Limits;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.format.Content;
import io.fallow.fs.xfs.XfsFormat;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** xfsprogs and the kernel's XFS, as what is compared with. */
final class XfsTools {

  private static final boolean CI = "true".equals(System.getenv("CI"));

  /** What a command ended with. */
  record Result(int code, String output) {}

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

  private record ReadOnlyFile(String name, FileChannel channel, long size) implements Device {

    @Override
    public Limits limits() {
      return new Limits(512, 4096);
    }

    @Override
    public void read(long offset, MemorySegment target) throws IOException {
      if (offset < 0 || offset > size - target.byteSize()) {
        throw new CorruptFormatException(name, offset, "beyond the end");
      }
      ByteBuffer buffer = target.asByteBuffer();
      while (buffer.hasRemaining()) {
        assertThat(channel.read(buffer, offset + buffer.position())).isPositive();
      }
    }

    @Override
    public ExtentSet allocated(Extent window) {
      return ExtentSet.of(window);
    }
  }

  private XfsTools() {}

  /** Skips the test where a tool is missing; in CI that fails it. */
  static void need(String... tools) throws IOException {
    for (String tool : tools) {
      if (run("sh", "-c", "command -v " + tool).code() != 0) {
        if (CI) {
          fail("%s is missing", tool);
        }
        assumeTrue(false, tool + " is missing");
      }
    }
  }

  /** Skips the test where XFS cannot be mounted; in CI that fails it. */
  static void needMounts() throws IOException {
    need(
        "mkfs.xfs",
        "xfs_db",
        "xfs_io",
        "xfs_admin",
        "xfs_logprint",
        "xfs_repair",
        "mount",
        "fallocate");
    boolean able = run("id", "-u").output().strip().equals("0") && kernelHasXfs();
    assumeTrue(able || CI, "mounting needs root and a kernel with XFS");
    assertThat(able).as("root and a kernel with XFS").isTrue();
  }

  private static boolean kernelHasXfs() throws IOException {
    return Files.readString(Path.of("/proc/filesystems")).contains("\txfs\n")
        || run("modprobe", "xfs").code() == 0;
  }

  static Result run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      return new Result(process.waitFor(), output);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  static String must(String... command) throws IOException {
    Result result = run(command);
    assertThat(result.code()).as("%s: %s", List.of(command), result.output()).isZero();
    return result.output();
  }

  static Content open(Path image) throws IOException {
    try (FileChannel channel = FileChannel.open(image)) {
      return new XfsFormat()
          .open(new ReadOnlyFile(image.getFileName().toString(), channel, channel.size()));
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
    String output = run("xfs_logprint", "-t", image.toString()).output();
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
