package io.fallow.cli;

import io.fallow.cli.image.FormatChoice;
import io.fallow.cli.image.FormatDetector;
import io.fallow.cli.json.CheckJson;
import io.fallow.cli.json.JsonText;
import io.fallow.cli.text.CheckText;
import io.fallow.cli.text.Terminal;
import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.image.qcow2.BackingOpener;
import io.fallow.image.qcow2.CheckResult;
import io.fallow.image.qcow2.Qcow2Image;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Checks a qcow2 image's own metadata. */
final class CheckCommand implements Callable<Integer> {

  private final Terminal terminal;

  private final CommonOptions common = new CommonOptions();
  private final OptionSpec format =
      Arguments.format("Take the image for raw or qcow2, whatever its header says.");
  private final PositionalParamSpec image = Arguments.image();

  CheckCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  CommandSpec spec() {
    CommandSpec spec = Arguments.command("check", this);
    spec.usageMessage()
        .header("Check the refcounts and tables of a qcow2 image, as qemu-img check does.")
        .description(
            "%nCounts every reference to every cluster and compares with what is stored. Changes"
                + " nothing. Leaks waste space and do no harm, so they are no failure (exit code"
                + " 0); corruptions are (exit code 1). Raw disks have nothing to check.%n")
        .footer("", "Examples:", "  fallow check disk.qcow2", "  fallow check --json disk.qcow2");
    common.addTo(spec);
    return spec.addOption(format).addPositional(image);
  }

  @Override
  public Integer call() {
    return new Batch(terminal, common)
        .run(
            List.of(image.<Path>getValue()),
            this::check,
            (path, failure) -> print(CheckJson.of(path.toString(), (String) null, failure.json())))
        .code();
  }

  private ExitCode check(Path path) throws IOException {
    try (LinuxFile file = LinuxFile.open(path, Access.READ)) {
      FormatChoice found = FormatDetector.describe(file, format.getValue());
      CheckText text = new CheckText(terminal, common.sizes());
      if (found == FormatChoice.RAW) {
        show(text.renderNothing(path.toString(), found.toString()));
        print(CheckJson.of(path.toString(), found.toString(), null));
        return ExitCode.DONE;
      }
      CheckResult result = Qcow2Image.open(file, BackingOpener.none()).check();
      show(text.render(path.toString(), result));
      Failure failure =
          result.corruptions() == 0
              ? null
              : new Failure(
                  ExitCode.FAILURE,
                  path
                      + ": is corrupt; restore it from a backup, or make a copy and repair that"
                      + " with qemu-img check -r all");
      print(CheckJson.of(path.toString(), result, failure == null ? null : failure.json()));
      if (failure != null) {
        new Batch(terminal, common).complain(failure, null);
        return failure.code();
      }
      return ExitCode.DONE;
    }
  }

  private void show(String text) {
    if (common.text()) {
      terminal.out().print(text);
    }
  }

  private void print(CheckJson document) {
    if (common.json()) {
      terminal.out().println(JsonText.of(document, CheckJson.class));
    }
  }
}
