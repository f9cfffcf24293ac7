package io.fallow.cli;

import io.fallow.cli.text.Terminal;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Runs every command once, so that the AOT cache that the launcher has written meanwhile holds the
 * classes that they need.
 */
public final class Training {

  private static final long RAW_SIZE = 16 << 20;

  private Training() {}

  /** Works in the directory that is the only argument; leaves files there. */
  public static void main(String[] arguments) throws IOException {
    Terminal real = Terminal.system();
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Terminal terminal =
        new Terminal(nowhere, nowhere, true, true, true, real.unicode(), real.width());
    Path directory = Path.of(arguments[0]);
    String demo = directory.resolve("demo.qcow2").toString();
    String raw = blank(directory.resolve("blank.raw")).toString();
    Main.run(terminal, "--version");
    Main.run(terminal, "-V");
    Main.run(terminal, "--help");
    Main.run(terminal, "scan", "--help");
    Main.run(terminal, "demo", "--keep", directory.toString());
    Main.run(terminal, "scan", demo, raw);
    Main.run(terminal, "scan", "--json", demo, raw);
    Main.run(terminal, "trim", "--verify", demo, raw);
    Main.run(terminal, "trim", "--dry-run", "--json", demo, raw);
    Main.run(terminal, "info", demo, raw);
    Main.run(terminal, "check", demo);
    Main.run(terminal, "scan", directory.resolve("missing").toString());
  }

  /** A disk that holds some bytes, but nothing that is recognised. */
  private static Path blank(Path path) throws IOException {
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[] {1}), RAW_SIZE - 1);
    }
    return path;
  }
}
