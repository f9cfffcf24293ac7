package io.fallow.cli;

import io.fallow.cli.text.Terminal;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The command without a verb, and what all verbs have in common. */
@Command(
    name = "fallow",
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    header = "Gives back the space that virtual disks no longer use.",
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failure: an I/O error, a corrupt image, a defect of Fallow",
      "2:usage: the command line, or an option that is missing for this image",
      "3:refused: at least one volume was not safe; the report says which",
      "4:the image is in use",
      "5:the storage under the image cannot give space back",
      "130:interrupted; the image is valid, run trim again",
      " :Of several images, the first of 1, 4, 5, 2, 3 that occurred."
    },
    footer = {
      "",
      "Examples:",
      "  fallow demo                     see it work on a disk that comes with it",
      "  fallow scan disk.qcow2          show where the space is",
      "  fallow trim disk.qcow2          give it back",
      "  fallow trim --dry-run *.qcow2   show what would be given back"
    })
final class Fallow implements Runnable {

  private final CommandLine commandLine;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  boolean version;

  private Fallow() {
    this.commandLine = new CommandLine(this);
  }

  @Override
  public void run() {
    throw new ParameterException(commandLine, "Missing command: scan, trim, info, check or demo");
  }

  /**
   * The command line for one terminal.
   *
   * @param first its first word: where that is a command, only that one is set up, since reading
   *     the annotations of all of them takes a large part of the time to start
   */
  static CommandLine on(Terminal terminal, String first) {
    CommandLine commandLine = new Fallow().commandLine;
    commands(terminal, first).forEach(commandLine::addSubcommand);
    commandLine.getSubcommands().values().forEach(Fallow::spaceOut);
    spaceOut(commandLine);
    commandLine.setColorScheme(
        CommandLine.Help.defaultColorScheme(terminal.colour() ? Ansi.ON : Ansi.OFF));
    commandLine.setUsageHelpWidth(Math.max(terminal.width(), 56));
    commandLine.setUsageHelpAutoWidth(false);
    commandLine.setOut(writer(terminal.out()));
    commandLine.setErr(writer(terminal.err()));
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setParameterExceptionHandler((problem, _) -> {
      String name = problem.getCommandLine().getCommandSpec().qualifiedName();
      String what = String.valueOf(problem.getMessage()).replace('\n', ' ');
      terminal.err().println("fallow: %s; see '%s --help'".formatted(what, name));
      return ExitCode.USAGE.code();
    });
    commandLine.setExecutionExceptionHandler((problem, _, _) -> {
      Failure failure = Failure.of(problem);
      terminal.err().println("fallow: " + failure.message());
      return failure.code().code();
    });
    return commandLine;
  }

  private static List<Object> commands(Terminal terminal, String first) {
    return switch (first) {
      case "scan" -> List.of(new ScanCommand(terminal));
      case "trim" -> List.of(new TrimCommand(terminal));
      case "info" -> List.of(new InfoCommand(terminal));
      case "check" -> List.of(new CheckCommand(terminal));
      case "demo" -> List.of(new DemoCommand(terminal));
      default ->
          List.of(
              new ScanCommand(terminal),
              new TrimCommand(terminal),
              new InfoCommand(terminal),
              new CheckCommand(terminal),
              new DemoCommand(terminal),
              new HelpCommand());
    };
  }

  private static void spaceOut(CommandLine command) {
    command.getCommandSpec().usageMessage().synopsisHeading("%nUsage: ");
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }
}
