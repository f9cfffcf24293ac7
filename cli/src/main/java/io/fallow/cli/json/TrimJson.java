package io.fallow.cli.json;

import io.avaje.jsonb.Json;
import io.fallow.cli.report.ImageReport;
import io.fallow.cli.report.TrimReport;
import io.fallow.cli.report.TrimReport.Verification;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code trim --json} prints.
 *
 * @param schemaVersion as in {@link ScanJson}
 * @param images one for each image, in the order of the command line
 */
@Json
public record TrimJson(int schemaVersion, List<ImageJson> images) {

  /**
   * One image, as in {@link ScanJson.ImageJson}, and what was done to it.
   *
   * @param hostAllocatedBefore what the file took, by the host filesystem's accounting
   * @param hostAllocatedAfter what it takes now, likewise
   * @param released the difference
   * @param dryRun whether nothing was to be changed
   * @param verified whether the guest's other bytes are unchanged; null if not asked for
   * @param hash the SHA-256 hash of those bytes; null if not asked for
   */
  @Json
  public record ImageJson(
      String image,
      @Nullable String format,
      @Nullable Long virtualSize,
      @Nullable Long hostAllocated,
      @Nullable Long used,
      @Nullable Long releasable,
      @Nullable Long unowned,
      @Nullable Long holes,
      @Nullable Map<String, Long> held,
      @Nullable Long lost,
      @Nullable Boolean inUse,
      @Nullable Boolean approximate,
      List<VolumeJson> volumes,
      @Nullable Long hostAllocatedBefore,
      @Nullable Long hostAllocatedAfter,
      @Nullable Long released,
      boolean dryRun,
      @Nullable Boolean verified,
      @Nullable String hash,
      @Nullable ErrorJson error) {

    /** An image with what is known of it. */
    public static ImageJson of(
        String image,
        boolean dryRun,
        @Nullable ImageReport report,
        @Nullable TrimReport trim,
        @Nullable ErrorJson error) {
      ScanJson.ImageJson scan = ScanJson.ImageJson.of(image, report, error);
      Verification verification = trim == null ? null : trim.verification();
      return new ImageJson(
          image,
          scan.format(),
          scan.virtualSize(),
          scan.hostAllocated(),
          scan.used(),
          scan.releasable(),
          scan.unowned(),
          scan.holes(),
          scan.held(),
          scan.lost(),
          scan.inUse(),
          scan.approximate(),
          scan.volumes(),
          trim == null ? null : trim.hostAllocatedBefore(),
          trim == null ? null : trim.hostAllocatedAfter(),
          trim == null ? null : trim.released(),
          dryRun,
          verification == null ? null : verification.equal(),
          verification == null ? null : verification.after(),
          error);
    }
  }
}
