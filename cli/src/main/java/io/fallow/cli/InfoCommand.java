package io.fallow.cli;

import io.fallow.cli.image.FormatChoice;
import io.fallow.cli.image.FormatDetector;
import io.fallow.cli.json.InfoJson;
import io.fallow.cli.json.JsonText;
import io.fallow.cli.report.InfoReport;
import io.fallow.cli.report.InfoReport.Qcow2Details;
import io.fallow.cli.text.InfoText;
import io.fallow.cli.text.Terminal;
import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.image.qcow2.BackingOpener;
import io.fallow.image.qcow2.Qcow2Image;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Shows what an image's own metadata says. */
final class InfoCommand implements Callable<Integer> {

  private final Terminal terminal;

  private final CommonOptions common = new CommonOptions();
  private final OptionSpec format =
      Arguments.format("Take the image for raw or qcow2, whatever its header says.");
  private final PositionalParamSpec image = Arguments.image();

  InfoCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  CommandSpec spec() {
    CommandSpec spec = Arguments.command("info", this);
    spec.usageMessage()
        .header("Show what an image's own metadata says.")
        .description(
            "%nLooks at the format's metadata only, also while the image is in use. Backing files"
                + " are named, and not opened.%n")
        .footer("", "Examples:", "  fallow info disk.qcow2", "  fallow info --json disk.qcow2");
    common.addTo(spec);
    return spec.addOption(format).addPositional(image);
  }

  @Override
  public Integer call() {
    return new Batch(terminal, common)
        .run(
            List.of(image.<Path>getValue()),
            this::show,
            (path, failure) -> print(InfoJson.of(path.toString(), failure.json())))
        .code();
  }

  private ExitCode show(Path path) throws IOException {
    try (LinuxFile file = LinuxFile.open(path, Access.READ_UNLOCKED)) {
      InfoReport report = report(path, file);
      if (common.text()) {
        terminal.out().print(new InfoText(terminal, common.sizes()).render(report));
      }
      print(InfoJson.of(report));
      return ExitCode.DONE;
    }
  }

  private InfoReport report(Path path, LinuxFile file) throws IOException {
    FormatChoice found = FormatDetector.describe(file, format.getValue());
    long virtualSize = file.size();
    Qcow2Details details = null;
    if (found == FormatChoice.QCOW2) {
      Qcow2Image qcow2 = Qcow2Image.open(file, BackingOpener.none());
      virtualSize = qcow2.header().virtualSize();
      details = new Qcow2Details(qcow2.header(), qcow2.snapshots());
    }
    return new InfoReport(
        path.toString(),
        found.toString(),
        virtualSize,
        file.size(),
        file.allocatedBytes(),
        file.isWrittenByOthers(),
        details);
  }

  private void print(InfoJson document) {
    if (common.json()) {
      terminal.out().println(JsonText.of(document, InfoJson.class));
    }
  }
}
