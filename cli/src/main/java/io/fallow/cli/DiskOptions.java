package io.fallow.cli;

import io.fallow.cli.image.FormatChoice;
import io.fallow.cli.text.Terminal;
import io.fallow.device.HostFile;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of the commands that look into a guest's disk. */
final class DiskOptions {

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "The image's format, raw or qcow2, where its name does not tell.")
  @Nullable FormatChoice format;

  @Option(
      names = "--ignore",
      paramLabel = "PATH",
      description =
          "Leave a volume alone, with all that is in it: a path as scan shows it, such as gpt/2."
              + " May be given several times.")
  Set<String> ignored = new LinkedHashSet<>();

  @Option(
      names = "--backing-root",
      paramLabel = "DIR",
      description =
          "Backing files may be read from anywhere below DIR; by default only from the image's own"
              + " directory.")
  @Nullable Path backingRoot;

  @Option(
      names = "--cross-check",
      description =
          "Also walk through every file of the guest's filesystems, and refuse a filesystem whose"
              + " files claim what its map calls free (ext2, ext3, ext4). Takes as long as reading"
              + " all of their metadata.")
  boolean crossCheck;

  @Option(
      names = "--map",
      negatable = true,
      description = "Draw a map of the disk, or do not; by default it is drawn in a terminal.")
  @Nullable Boolean map;

  boolean showsMap(Terminal terminal) {
    return map == null ? terminal.map() : map;
  }

  Session.Options session() {
    return session(UnaryOperator.identity());
  }

  Session.Options session(UnaryOperator<HostFile> storage) {
    return new Session.Options(format, backingRoot, storage);
  }
}
