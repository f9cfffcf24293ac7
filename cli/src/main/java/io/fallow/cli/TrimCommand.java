package io.fallow.cli;

import io.fallow.cli.Trimmer.StoppedTrimException;
import io.fallow.cli.json.JsonText;
import io.fallow.cli.json.TrimJson;
import io.fallow.cli.report.DiskMap;
import io.fallow.cli.report.ImageReport;
import io.fallow.cli.report.TrimReport;
import io.fallow.cli.report.TrimReport.Verification;
import io.fallow.cli.text.Hints;
import io.fallow.cli.text.MapText;
import io.fallow.cli.text.ProgressLine;
import io.fallow.cli.text.ScanText;
import io.fallow.cli.text.Terminal;
import io.fallow.cli.text.TrimText;
import io.fallow.device.HostFile;
import io.fallow.host.Access;
import io.fallow.plan.Plan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Gives back what a scan shows. */
final class TrimCommand implements Callable<Integer> {

  private final Terminal terminal;
  private final UnaryOperator<HostFile> storage;
  private final List<TrimJson.ImageJson> done = new ArrayList<>();

  private final CommonOptions common = new CommonOptions();
  private final DiskOptions disk = new DiskOptions();

  private final OptionSpec dryRun =
      Arguments.flag("Show what would be done, and change nothing.", "-n", "--dry-run");
  private final OptionSpec verify =
      Arguments.flag(
          "Read all that is to stay before and after, and compare the hashes. Takes as long as"
              + " reading the disk's data twice.",
          "--verify");
  private final OptionSpec force =
      Arguments.flag(
          "Go on where the filesystem has no locks. Make sure that no one else uses the image.",
          "--force");
  private final PositionalParamSpec images = Arguments.images();

  TrimCommand(Terminal terminal) {
    this(terminal, UnaryOperator.identity());
  }

  /** With something between each image and its file. */
  TrimCommand(Terminal terminal, UnaryOperator<HostFile> storage) {
    this.terminal = terminal;
    this.storage = storage;
  }

  CommandSpec spec() {
    CommandSpec spec = Arguments.command("trim", this);
    spec.usageMessage()
        .header("Give back the space that disk images no longer use, in place.")
        .description(
            "%nThe guests must be shut down. Each image is handled by itself: one that fails or is"
                + " refused does not stop the others. It is safe to interrupt: the image is valid"
                + " at every moment, and a second trim goes on where the first one stopped.%n")
        .footer(
            "",
            "Examples:",
            "  fallow trim --dry-run disk.qcow2",
            "  fallow trim --verify disk.raw",
            "  fallow trim --ignore gpt/3 *.qcow2");
    common.addTo(spec);
    disk.addTo(spec);
    return spec.addOption(dryRun).addOption(verify).addOption(force).addPositional(images);
  }

  @Override
  public Integer call() {
    Batch batch = new Batch(terminal, common);
    ExitCode code =
        batch.run(
            images.getValue(), this::trim, (image, failure) -> tell(image, null, null, failure));
    if (common.json()) {
      TrimJson document = new TrimJson(JsonText.SCHEMA_VERSION, done);
      terminal.out().println(JsonText.of(document, TrimJson.class));
    }
    return code.code();
  }

  private ExitCode trim(Path path) throws IOException {
    Access access = dryRun() ? Access.READ : force() ? Access.WRITE_FORCED : Access.WRITE;
    try (Session session = Session.open(path, access, disk.session(storage));
        ProgressLine progress =
            new ProgressLine(terminal, path.toString(), !common.quiet() && !dryRun())) {
      Plan plan = session.plan(disk.ignored(), disk.crossCheck());
      ImageReport report = session.report(plan);
      showScan(plan, report);
      Trimmer trimmer = new Trimmer(session, plan, progress);
      ExitCode code = report.hasRefusals() ? ExitCode.REFUSED : ExitCode.DONE;
      if (dryRun() || (trimmer.isIdle() && !verify())) {
        tell(path, report, trimmer.dryRun(), null);
        print(dryRun() ? new Hints(terminal).afterDryRun(report) : text().renderNothing());
        return code;
      }
      return worst(code, execute(path, report, trimmer, progress));
    }
  }

  private ExitCode execute(Path path, ImageReport report, Trimmer trimmer, ProgressLine progress)
      throws IOException {
    Thread onSignal = Thread.ofPlatform().unstarted(() -> sayInterrupted(path));
    Runtime.getRuntime().addShutdownHook(onSignal);
    try {
      TrimReport trim = trimmer.execute(verify());
      progress.close();
      print("\n" + text().render(trim));
      Verification verification = trim.verification();
      if (verification != null && !verification.equal()) {
        throw new IOException(
            path + ": what was to stay has changed; stop using this image, and report this");
      }
      tell(path, report, trim, null);
      return ExitCode.DONE;
    } catch (StoppedTrimException stopped) {
      progress.close();
      print("\n" + text().render(stopped.report()));
      Failure failure = stopped.failure();
      tell(path, report, stopped.report(), failure);
      new Batch(terminal, common).complain(failure, stopped);
      return failure.code();
    } finally {
      Hooks.remove(onSignal);
    }
  }

  private static ExitCode worst(ExitCode one, ExitCode other) {
    return ExitCode.worst(List.of(one, other));
  }

  private void showScan(Plan plan, ImageReport report) {
    if (common.text()) {
      DiskMap map = disk.showsMap(terminal) ? DiskMap.of(plan, MapText.cells(terminal)) : null;
      print(new ScanText(terminal, common.sizes()).render(report, map));
    }
  }

  private boolean dryRun() {
    return dryRun.getValue();
  }

  private boolean verify() {
    return verify.getValue();
  }

  private boolean force() {
    return force.getValue();
  }

  private TrimText text() {
    return new TrimText(terminal, common.sizes());
  }

  private void print(String text) {
    if (common.text()) {
      terminal.out().print(text);
      terminal.out().flush();
    }
  }

  private void tell(
      Path path,
      @Nullable ImageReport report,
      @Nullable TrimReport trim,
      @Nullable Failure failure) {
    done.add(
        TrimJson.ImageJson.of(
            path.toString(), dryRun(), report, trim, failure == null ? null : failure.json()));
  }

  private void sayInterrupted(Path path) {
    terminal
        .err()
        .println("fallow: " + path + ": interrupted; the image is valid, run trim again to finish");
  }
}
