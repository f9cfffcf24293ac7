package io.fallow.cli;

import io.fallow.cli.json.DemoJson;
import io.fallow.cli.json.JsonText;
import io.fallow.cli.json.TrimJson;
import io.fallow.cli.report.DiskMap;
import io.fallow.cli.report.ImageReport;
import io.fallow.cli.report.TrimReport;
import io.fallow.cli.report.TrimReport.Verification;
import io.fallow.cli.text.DemoText;
import io.fallow.cli.text.MapText;
import io.fallow.cli.text.ProgressLine;
import io.fallow.cli.text.ScanText;
import io.fallow.cli.text.Terminal;
import io.fallow.cli.text.TrimText;
import io.fallow.host.Access;
import io.fallow.plan.Plan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Shows a scan and a trim on a disk that comes with Fallow. */
final class DemoCommand implements Callable<Integer> {

  private static final Session.Options OPTIONS = new Session.Options(null, null);

  /** What the reports call the disk, wherever it was unpacked. */
  private static final String NAME = "demo.qcow2";

  private final Terminal terminal;

  private final CommonOptions common = new CommonOptions();
  private final OptionSpec keep =
      Arguments.directory("Unpack the disk into DIR, and leave it there.", "--keep");

  DemoCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  CommandSpec spec() {
    CommandSpec spec = Arguments.command("demo", this);
    spec.usageMessage()
        .header("Scan and trim a disk that comes with Fallow.")
        .description(
            "%nUnpacks a real disk into a temporary directory (400 MB, for a second or two), scans"
                + " and trims it, and shows by a hash that nothing else changed. Leaves nothing"
                + " behind.%n")
        .footer("", "Examples:", "  fallow demo", "  fallow demo --keep /var/tmp/fallow-demo");
    common.addTo(spec);
    return spec.addOption(keep);
  }

  @Override
  public Integer call() {
    Batch batch = new Batch(terminal, common);
    return batch
        .run(List.of(Path.of(NAME)), _ -> show(), (_, failure) -> printJson(null, failure))
        .code();
  }

  private ExitCode show() throws IOException {
    try (DemoDisk disk = DemoDisk.unpack(keep.getValue())) {
      Thread onSignal = Thread.ofPlatform().unstarted(disk::closeAtExit);
      Runtime.getRuntime().addShutdownHook(onSignal);
      try {
        return trim(disk.image());
      } finally {
        Hooks.remove(onSignal);
      }
    }
  }

  private ExitCode trim(Path image) throws IOException {
    DemoText text = new DemoText(terminal, common.sizes());
    ImageReport before;
    TrimReport trim;
    try (Session session = Session.open(image, Access.WRITE, OPTIONS);
        ProgressLine progress = new ProgressLine(terminal, NAME, common.text())) {
      Plan plan = session.plan(Set.of(), false);
      before = session.report(plan);
      print(text.introduction());
      DiskMap map = terminal.map() ? DiskMap.of(plan, MapText.cells(terminal)) : null;
      print(new ScanText(terminal, common.sizes()).render(before.named(NAME), map));
      trim = new Trimmer(session, plan, progress).execute(true);
    }
    print("\n" + new TrimText(terminal, common.sizes()).render(trim));
    try (Session session = Session.open(image, Access.READ, OPTIONS)) {
      print(text.comparison(before, session.report(session.plan(Set.of(), false))));
    }
    print(text.next(keep.getValue() == null ? "" : image.toString()));
    Verification verification = trim.verification();
    if (verification == null || !verification.equal()) {
      throw new IOException("the demonstration's disk changed where it was to stay: report this");
    }
    printJson(TrimJson.ImageJson.of(image.toString(), false, before, trim, null), null);
    return ExitCode.DONE;
  }

  private void printJson(TrimJson.@Nullable ImageJson image, @Nullable Failure failure) {
    if (common.json()) {
      DemoJson document =
          new DemoJson(JsonText.SCHEMA_VERSION, image, failure == null ? null : failure.json());
      terminal.out().println(JsonText.of(document, DemoJson.class));
    }
  }

  private void print(String text) {
    if (common.text()) {
      terminal.out().print(text);
      terminal.out().flush();
    }
  }
}
