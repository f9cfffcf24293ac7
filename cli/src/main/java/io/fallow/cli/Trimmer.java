package io.fallow.cli;

import io.fallow.cli.image.ContentHash;
import io.fallow.cli.report.TrimReport;
import io.fallow.cli.report.TrimReport.Verification;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Progress;
import io.fallow.plan.Plan;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Executes a plan, and measures what came of it. */
final class Trimmer {

  private final Session session;
  private final Plan plan;
  private final Progress progress;

  Trimmer(Session session, Plan plan, Progress progress) {
    this.session = session;
    this.plan = plan;
    this.progress = progress;
  }

  /** Whether there is anything to do. */
  boolean isIdle() {
    return plan.release().hostBytes() == 0 && plan.release().releasable().isEmpty();
  }

  /** A plan that is not executed. */
  TrimReport dryRun() throws IOException {
    long allocated = session.file().allocatedBytes();
    return new TrimReport(true, allocated, allocated, null);
  }

  /**
   * Gives the space back.
   *
   * @param verify whether to hash what is to stay, before and after
   * @throws StoppedTrimException if it stopped in the middle
   */
  TrimReport execute(boolean verify) throws IOException {
    ExtentSet rest = plan.release().releasable().complement(plan.image().guest().extent());
    String hashBefore = verify ? ContentHash.of(plan.image().guest(), rest, progress) : "";
    session.file().verifyUnchanged();
    long before = session.file().allocatedBytes();
    try {
      plan.release().execute(progress);
      session.file().verifyUnchanged();
    } catch (IOException failure) {
      throw new StoppedTrimException(report(before, null), failure);
    }
    Verification verification = null;
    if (verify) {
      String hashAfter = ContentHash.of(session.reopened().guest(), rest, progress);
      verification = new Verification(rest.total(), hashBefore, hashAfter);
    }
    return report(before, verification);
  }

  private TrimReport report(long before, @Nullable Verification verification) throws IOException {
    return new TrimReport(false, before, session.file().allocatedBytes(), verification);
  }

  /** A trim stopped in the middle: the image is valid, and what was released stays so. */
  static final class StoppedTrimException extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient TrimReport report;
    private final transient Failure failure;

    StoppedTrimException(TrimReport report, IOException cause) {
      super(cause);
      this.report = report;
      this.failure = Failure.of(cause);
    }

    Failure failure() {
      return failure;
    }

    TrimReport report() {
      return report;
    }
  }
}
