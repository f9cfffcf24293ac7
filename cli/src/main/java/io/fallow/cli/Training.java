package io.fallow.cli;

import io.fallow.cli.text.Terminal;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Runs every command once, so that the AOT cache that the launcher has written meanwhile holds the
 * classes that they need. What can be released is so only after the scans, which say more then.
 */
public final class Training {

  private static final int RAW_SIZE = 1 << 20;

  private Training() {}

  /** Works in the directory that is the only argument; leaves files there. */
  public static void main(String[] arguments) throws IOException {
    Terminal real = Terminal.system();
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Terminal terminal =
        new Terminal(nowhere, nowhere, true, true, true, real.unicode(), real.width());
    Path directory = Path.of(arguments[0]);
    String unknown = raw(directory.resolve("unknown.raw"), "").toString();
    String swap = raw(directory.resolve("swap.raw"), "SWAPSPACE2").toString();
    Main.run(terminal, "--version");
    Main.run(terminal, "--help");
    Main.run(terminal, "scan", "--help");
    Main.run(terminal, "demo");
    try (DemoDisk demo = DemoDisk.unpack(directory)) {
      String qcow2 = demo.image().toString();
      Main.run(terminal, "scan", qcow2, swap, unknown);
      Main.run(terminal, "scan", "--json", qcow2, swap, unknown);
      Main.run(terminal, "trim", "--dry-run", qcow2, swap);
      Main.run(terminal, "trim", "--dry-run", "--json", qcow2, swap);
      Main.run(terminal, "trim", "--verify", qcow2, swap, unknown);
      Main.run(terminal, "trim", "--json", qcow2, swap);
      Main.run(terminal, "info", qcow2);
      Main.run(terminal, "info", swap);
      Main.run(terminal, "check", qcow2);
    }
    Main.run(terminal, "scan", directory.resolve("missing").toString());
  }

  /** A disk full of data, with the signature of a Linux swap area or none that is recognised. */
  private static Path raw(Path path, String signature) throws IOException {
    byte[] disk = new byte[RAW_SIZE];
    Arrays.fill(disk, 4096, disk.length, (byte) 1);
    disk[1024] = 1; // version
    disk[1028] = (byte) (RAW_SIZE / 4096 - 1); // last_page
    byte[] magic = signature.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(magic, 0, disk, 4096 - magic.length, magic.length);
    return Files.write(path, disk);
  }
}
