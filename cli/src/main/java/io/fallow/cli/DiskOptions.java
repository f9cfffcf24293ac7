package io.fallow.cli;

import io.fallow.cli.text.Terminal;
import io.fallow.device.HostFile;
import java.util.Set;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options of the commands that look into a guest's disk. */
final class DiskOptions {

  private final OptionSpec format =
      Arguments.format("The image's format, raw or qcow2, where its name does not tell.");
  private final OptionSpec ignored =
      OptionSpec.builder("--ignore")
          .type(Set.class)
          .auxiliaryTypes(String.class)
          .initialValue(Set.of())
          .paramLabel("PATH")
          .description(
              "Leave a volume alone, with all that is in it: a path as scan shows it, such as"
                  + " gpt/2. May be given several times.")
          .build();
  private final OptionSpec backingRoot =
      Arguments.directory(
          "Backing files may be read from anywhere below DIR; by default only from the image's own"
              + " directory.",
          "--backing-root");
  private final OptionSpec map =
      OptionSpec.builder("--map")
          .type(Boolean.class)
          .negatable(true)
          .description("Draw a map of the disk, or do not; by default it is drawn in a terminal.")
          .build();

  private final OptionSpec crossCheck =
      Arguments.flag(
          "Also walk through every file of the guest's filesystems, and refuse a filesystem whose"
              + " files claim what its map calls free (ext2, ext3, ext4). Takes as long as reading"
              + " all of their metadata.",
          "--cross-check");

  void addTo(CommandSpec spec) {
    spec.addOption(format).addOption(ignored).addOption(backingRoot).addOption(map);
    spec.addOption(crossCheck);
  }

  /** The paths of the volumes to leave alone. */
  Set<String> ignored() {
    return ignored.getValue();
  }

  /** Whether to compare the free set with what files claim. */
  boolean crossCheck() {
    return crossCheck.getValue();
  }

  boolean showsMap(Terminal terminal) {
    Boolean wanted = map.getValue();
    return wanted == null ? terminal.map() : wanted;
  }

  Session.Options session() {
    return session(UnaryOperator.identity());
  }

  Session.Options session(UnaryOperator<HostFile> storage) {
    return new Session.Options(format.getValue(), backingRoot.getValue(), storage);
  }
}
