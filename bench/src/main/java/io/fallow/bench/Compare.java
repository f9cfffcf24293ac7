package io.fallow.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Times whole processes against each other: every round prepares and runs each command once, in
 * turn, so that all of them see the same noise of the machine. Prints the median of each and its
 * ratio to the first one's.
 *
 * <pre>
 *   Compare RUNS PREPARE NAME=COMMAND [NAME=COMMAND …]
 * </pre>
 *
 * PREPARE and the commands are given to {@code sh -c}; PREPARE runs before each command and is not
 * timed. The first round warms the caches and is not counted.
 */
public final class Compare {

  private record Contender(String name, String command, List<Double> seconds) {}

  private Compare() {}

  /** Runs the comparison. */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length < 3) {
      throw new IllegalArgumentException("Compare RUNS PREPARE NAME=COMMAND [NAME=COMMAND …]");
    }
    int runs = Integer.parseInt(args[0]);
    String prepare = args[1];
    List<Contender> contenders = new ArrayList<>();
    for (String argument : Arrays.asList(args).subList(2, args.length)) {
      int equals = argument.indexOf('=');
      contenders.add(
          new Contender(
              argument.substring(0, equals), argument.substring(equals + 1), new ArrayList<>()));
    }
    for (int round = 0; round <= runs; round++) {
      for (Contender contender : contenders) {
        run(prepare);
        double seconds = run(contender.command);
        if (round > 0) {
          contender.seconds.add(seconds);
        }
      }
    }
    double first = median(contenders.getFirst().seconds);
    for (Contender contender : contenders) {
      double median = median(contender.seconds);
      System.out.printf(
          Locale.ROOT,
          "%-28s median %8.3f s  (%.3f to %.3f, %d runs)  ratio %6.2f%n",
          contender.name,
          median,
          contender.seconds.stream().min(Double::compare).orElseThrow(),
          contender.seconds.stream().max(Double::compare).orElseThrow(),
          runs,
          median / first);
    }
  }

  private static double median(List<Double> seconds) {
    List<Double> sorted = seconds.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** Runs a command to its end, without its output. */
  private static double run(String command) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder("sh", "-c", command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    int exit = process.waitFor();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (exit != 0) {
      throw new IOException("exit " + exit + " of: " + command);
    }
    return seconds;
  }
}
