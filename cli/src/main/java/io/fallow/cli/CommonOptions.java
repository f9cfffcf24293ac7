package io.fallow.cli;

import io.fallow.cli.text.Sizes;
import picocli.CommandLine.Option;

/** The options that every command on images has. */
final class CommonOptions {

  @Option(names = "--json", description = "Print one JSON document, for programs.")
  boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print nothing but errors (and JSON, if asked for).")
  boolean quiet;

  @Option(names = "--bytes", description = "Print exact sizes, in bytes.")
  boolean bytes;

  @Option(names = "--debug", description = "Print a stack trace with an error.")
  boolean debug;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  /** Whether a report for people is to be printed. */
  boolean text() {
    return !json && !quiet;
  }

  Sizes sizes() {
    return bytes ? Sizes.BYTES : Sizes.IEC;
  }
}
