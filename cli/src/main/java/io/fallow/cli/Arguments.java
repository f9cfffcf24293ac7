package io.fallow.cli;

import io.fallow.cli.image.FormatChoice;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What command lines are put together from. Commands declare them by calls, since annotations would
 * have to be looked up, and classes generated for them, at every start.
 */
final class Arguments {

  private Arguments() {}

  /** A command of that name, which runs {@code command}. */
  static CommandSpec command(String name, Object command) {
    return CommandSpec.wrapWithoutInspection(command).name(name);
  }

  /** An option that is either there or not. */
  static OptionSpec flag(String description, String... names) {
    return OptionSpec.builder(names)
        .type(boolean.class)
        .initialValue(false)
        .description(description)
        .build();
  }

  static OptionSpec help(String description) {
    return OptionSpec.builder("-h", "--help")
        .type(boolean.class)
        .usageHelp(true)
        .description(description)
        .build();
  }

  /** A directory, or null. */
  static OptionSpec directory(String description, String name) {
    return OptionSpec.builder(name)
        .type(Path.class)
        .paramLabel("DIR")
        .description(description)
        .build();
  }

  /** An image's format, or null: a {@link FormatChoice}. */
  static OptionSpec format(String description) {
    return OptionSpec.builder("--format")
        .type(FormatChoice.class)
        .paramLabel("FORMAT")
        .description(description)
        .build();
  }

  /** The path of one image. */
  static PositionalParamSpec image() {
    return PositionalParamSpec.builder()
        .type(Path.class)
        .required(true)
        .paramLabel("IMAGE")
        .description("The image.")
        .build();
  }

  /** The paths of one or more images: a list. */
  static PositionalParamSpec images() {
    return PositionalParamSpec.builder()
        .type(List.class)
        .auxiliaryTypes(Path.class)
        .arity("1..*")
        .required(true)
        .paramLabel("IMAGE")
        .description("The images.")
        .build();
  }
}
