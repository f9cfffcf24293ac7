package io.fallow.cli;

import io.fallow.cli.text.Terminal;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;

/** The command without a verb, and what all verbs have in common. */
final class Fallow implements Runnable {

  private final CommandSpec spec = Arguments.command("fallow", this);

  private Fallow() {
    spec.versionProvider(new Version());
    spec.usageMessage()
        .synopsisSubcommandLabel("COMMAND")
        .header("Gives back the space that virtual disks no longer use.")
        .commandListHeading("%nCommands:%n")
        .optionListHeading("%nOptions:%n")
        .exitCodeListHeading("%nExit codes:%n")
        .exitCodeList(
            UsageMessageSpec.keyValuesMap(
                "0:done",
                "1:failure: an I/O error, a corrupt image, a defect of Fallow",
                "2:usage: the command line, or an option that is missing for this image",
                "3:refused: at least one volume was not safe; the report says which",
                "4:the image is in use",
                "5:the storage under the image cannot give space back",
                "130:interrupted; the image is valid, run trim again",
                " :Of several images, the first of 1, 4, 5, 2, 3 that occurred."))
        .footer(
            "",
            "Examples:",
            "  fallow demo                     see it work on a disk that comes with it",
            "  fallow scan disk.qcow2          show where the space is",
            "  fallow trim disk.qcow2          give it back",
            "  fallow trim --dry-run *.qcow2   show what would be given back");
    spec.addOption(Arguments.help("Show this help."))
        .addOption(
            OptionSpec.builder("-V", "--version")
                .type(boolean.class)
                .versionHelp(true)
                .description("Show the version.")
                .build());
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Missing command: scan, trim, info, check or demo");
  }

  /**
   * The command line for one terminal.
   *
   * @param first its first word: where that is a command, only that one is set up
   */
  static CommandLine on(Terminal terminal, String first) {
    CommandLine commandLine = new CommandLine(new Fallow().spec);
    spaceOut(commandLine.getCommandSpec());
    for (CommandSpec command : commands(terminal, first)) {
      spaceOut(command);
      commandLine.addSubcommand(command);
    }
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

  private static List<CommandSpec> commands(Terminal terminal, String first) {
    return switch (first) {
      case "scan" -> List.of(new ScanCommand(terminal).spec());
      case "trim" -> List.of(new TrimCommand(terminal).spec());
      case "info" -> List.of(new InfoCommand(terminal).spec());
      case "check" -> List.of(new CheckCommand(terminal).spec());
      case "demo" -> List.of(new DemoCommand(terminal).spec());
      default ->
          List.of(
              new ScanCommand(terminal).spec(),
              new TrimCommand(terminal).spec(),
              new InfoCommand(terminal).spec(),
              new CheckCommand(terminal).spec(),
              new DemoCommand(terminal).spec(),
              new HelpCommand().spec());
    };
  }

  private static void spaceOut(CommandSpec command) {
    command.usageMessage().synopsisHeading("%nUsage: ");
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }
}
