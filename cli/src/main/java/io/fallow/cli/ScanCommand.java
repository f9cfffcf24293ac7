package io.fallow.cli;

import io.fallow.cli.json.JsonText;
import io.fallow.cli.json.ScanJson;
import io.fallow.cli.report.DiskMap;
import io.fallow.cli.report.ImageReport;
import io.fallow.cli.text.Hints;
import io.fallow.cli.text.MapText;
import io.fallow.cli.text.ScanText;
import io.fallow.cli.text.Terminal;
import io.fallow.plan.Plan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Shows where an image's space is. */
final class ScanCommand implements Callable<Integer> {

  private final Terminal terminal;

  private final CommonOptions common = new CommonOptions();
  private final DiskOptions disk = new DiskOptions();

  private final PositionalParamSpec images = Arguments.images();

  ScanCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  CommandSpec spec() {
    CommandSpec spec = Arguments.command("scan", this);
    spec.usageMessage()
        .header("Show where the space of disk images is, and how much can be given back.")
        .description(
            "%nReads the guest's filesystems inside each image, and changes nothing. An image that"
                + " is in use can be scanned too; its figures are approximate then.%n")
        .footer(
            "",
            "Examples:",
            "  fallow scan disk.qcow2",
            "  fallow scan --json *.qcow2 | jq '.images[] | {image, releasable}'",
            "  fallow scan --ignore gpt/3 disk.raw");
    common.addTo(spec);
    disk.addTo(spec);
    return spec.addPositional(images);
  }

  @Override
  public Integer call() {
    List<ScanJson.ImageJson> found = new ArrayList<>();
    ExitCode code =
        new Batch(terminal, common)
            .run(
                images.getValue(),
                image -> scan(image, found),
                (image, failure) ->
                    found.add(ScanJson.ImageJson.of(image.toString(), null, failure.json())));
    if (common.json()) {
      ScanJson document = new ScanJson(JsonText.SCHEMA_VERSION, found);
      terminal.out().println(JsonText.of(document, ScanJson.class));
    }
    return code.code();
  }

  private ExitCode scan(Path path, List<ScanJson.ImageJson> found) throws IOException {
    try (Session session = Session.openShared(path, disk.session())) {
      Plan plan = session.plan(disk.ignored(), disk.crossCheck());
      ImageReport report = session.report(plan);
      found.add(ScanJson.ImageJson.of(path.toString(), report, null));
      if (common.text()) {
        DiskMap map = disk.showsMap(terminal) ? DiskMap.of(plan, MapText.cells(terminal)) : null;
        terminal.out().print(new ScanText(terminal, common.sizes()).render(report, map));
        terminal.out().print(new Hints(terminal).afterScan(report));
      }
      return report.hasRefusals() ? ExitCode.REFUSED : ExitCode.DONE;
    }
  }
}
