package io.fallow.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;

/** Shows the help of a command, as its option {@code --help} does. */
final class HelpCommand implements Runnable {

  private final PositionalParamSpec command =
      PositionalParamSpec.builder()
          .type(String.class)
          .arity("0..1")
          .paramLabel("COMMAND")
          .description("The COMMAND to display the usage help message for.")
          .build();
  private final CommandSpec spec = Arguments.command("help", this).helpCommand(true);

  HelpCommand() {
    spec.usageMessage()
        .header("Display help information about the specified command.")
        .description(
            "%nWhen no COMMAND is given, the usage help for the main command is displayed.",
            "If a COMMAND is specified, the help for that command is shown.%n");
    spec.addOption(Arguments.help("Show usage help for the help command and exit."))
        .addPositional(command);
  }

  CommandSpec spec() {
    return spec;
  }

  @Override
  public void run() {
    CommandLine fallow = spec.commandLine().getParent();
    String name = command.getValue();
    CommandLine shown = name == null ? fallow : fallow.getSubcommands().get(name);
    if (shown == null) {
      throw new ParameterException(fallow, "Unknown subcommand '" + name + "'.");
    }
    shown.usage(fallow.getOut());
  }
}
