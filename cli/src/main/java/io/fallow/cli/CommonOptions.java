package io.fallow.cli;

import io.fallow.cli.text.Sizes;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that every command on images has. */
final class CommonOptions {

  private final OptionSpec json =
      Arguments.flag("Print one JSON document, for programs.", "--json");
  private final OptionSpec quiet =
      Arguments.flag("Print nothing but errors (and JSON, if asked for).", "-q", "--quiet");
  private final OptionSpec bytes = Arguments.flag("Print exact sizes, in bytes.", "--bytes");
  private final OptionSpec debug = Arguments.flag("Print a stack trace with an error.", "--debug");

  void addTo(CommandSpec spec) {
    spec.addOption(json)
        .addOption(quiet)
        .addOption(bytes)
        .addOption(debug)
        .addOption(Arguments.help("Show this help."));
  }

  boolean json() {
    return json.getValue();
  }

  boolean quiet() {
    return quiet.getValue();
  }

  boolean debug() {
    return debug.getValue();
  }

  /** Whether a report for people is to be printed. */
  boolean text() {
    return !json() && !quiet();
  }

  Sizes sizes() {
    return bytes.<Boolean>getValue() ? Sizes.BYTES : Sizes.IEC;
  }
}
