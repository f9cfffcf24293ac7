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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a qcow2 image's own metadata. */
@Command(
    name = "check",
    header = "Check the refcounts and tables of a qcow2 image, as qemu-img check does.",
    description =
        "%nCounts every reference to every cluster and compares with what is stored. Changes"
            + " nothing. Leaks waste space and do no harm, so they are no failure (exit code 0);"
            + " corruptions are (exit code 1). Raw disks have nothing to check.%n",
    footer = {"", "Examples:", "  fallow check disk.qcow2", "  fallow check --json disk.qcow2"})
final class CheckCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private CommonOptions common = new CommonOptions();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "Take the image for raw or qcow2, whatever its header says.")
  private @Nullable FormatChoice format;

  @Parameters(paramLabel = "IMAGE", description = "The image.")
  private Path image = Path.of("");

  CheckCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    return new Batch(terminal, common)
        .run(
            List.of(image),
            this::check,
            (path, failure) -> print(CheckJson.of(path.toString(), (String) null, failure.json())))
        .code();
  }

  private ExitCode check(Path path) throws IOException {
    try (LinuxFile file = LinuxFile.open(path, Access.READ)) {
      FormatChoice found = FormatDetector.describe(file, format);
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
    if (common.json) {
      terminal.out().println(JsonText.of(document, CheckJson.class));
    }
  }
}
