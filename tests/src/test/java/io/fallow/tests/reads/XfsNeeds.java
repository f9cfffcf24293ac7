package io.fallow.tests.reads;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What decides which blocks of an XFS filesystem are free, by xfsprogs. */
final class XfsNeeds {

  private static final int BASIC_BLOCK = 512;

  /** What is looked at for torn writes on each side of the log's head, in basic blocks. */
  private static final int WINDOW = 128;

  private XfsNeeds() {}

  /** The headers of each group, both free-space btrees, and the log around its head. */
  static ExtentSet of(Path image) throws IOException {
    List<Long> sb = values(image, "sb 0", "p agcount agblocks blocksize sectsize");
    long blockSize = sb.get(2);
    Needs needs = new Needs();
    for (long agno = 0; agno < sb.get(0); agno++) {
      long start = agno * sb.get(1) * blockSize;
      needs.add(start, 4 * sb.get(3));
      for (String tree : new String[] {"bno", "cnt"}) {
        List<Long> root = values(image, "agf " + agno, "p %sroot %slevel".formatted(tree, tree));
        needs.add(start + root.get(0) * blockSize, blockSize);
        assertThat(root.get(1)).as("levels").isLessThanOrEqualTo(2);
        if (root.get(1) == 2) {
          for (long leaf : pointers(image, "agf " + agno, "addr %sroot".formatted(tree))) {
            needs.add(start + leaf * blockSize, blockSize);
          }
        }
      }
    }
    addLog(needs, image);
    return needs.set();
  }

  private static void addLog(Needs needs, Path image) throws IOException {
    String output = Guest.run("xfs_logprint", "-t", image);
    long start = BASIC_BLOCK * number(output, "daddr: (\\d+)");
    long blocks = number(output, "length: (\\d+)");
    long head = number(output, "head: (\\d+)");
    for (long block = head - WINDOW; block < head + WINDOW; block++) {
      needs.add(start + Math.floorMod(block, blocks) * BASIC_BLOCK, BASIC_BLOCK);
    }
    // The first and last block say where the head may be, and a binary search where it is.
    needs.add(start + (blocks - 1) * BASIC_BLOCK, BASIC_BLOCK);
    for (long older = blocks - 1; older > WINDOW; older /= 2) {
      needs.add(start + older / 2 * BASIC_BLOCK, BASIC_BLOCK);
    }
  }

  private static long number(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(text).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  private static String print(Path image, String... commands) throws IOException {
    List<Object> words = new ArrayList<>(List.of("-r"));
    for (String command : commands) {
      words.addAll(List.of("-c", command));
    }
    words.add(image);
    return Guest.run("xfs_db", words.toArray());
  }

  private static List<Long> values(Path image, String... commands) throws IOException {
    return print(image, commands)
        .lines()
        .map(line -> Long.valueOf(line.substring(line.indexOf('=') + 1).strip()))
        .toList();
  }

  private static List<Long> pointers(Path image, String... at) throws IOException {
    List<String> commands = new ArrayList<>(List.of(at));
    commands.add("p ptrs");
    String output = print(image, commands.toArray(String[]::new));
    List<Long> pointers = new ArrayList<>();
    Matcher pointer = Pattern.compile("\\d+:(\\d+)").matcher(output);
    while (pointer.find()) {
      pointers.add(Long.valueOf(pointer.group(1)));
    }
    assertThat(pointers).isNotEmpty();
    return pointers;
  }
}
