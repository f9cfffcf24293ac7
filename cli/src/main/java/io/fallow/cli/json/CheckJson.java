package io.fallow.cli.json;

import io.avaje.jsonb.Json;
import io.fallow.image.qcow2.CheckResult;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@code check --json} prints, in the terms of {@code qemu-img check --output=json}.
 *
 * @param schemaVersion as in {@link ScanJson}
 * @param image the file, as it was named
 * @param format such as {@code qcow2}
 * @param checked whether the format has anything to check
 * @param imageEndOffset the end of the last cluster in use, in bytes
 * @param totalClusters guest clusters
 * @param allocatedClusters guest clusters with space of their own
 * @param fragmentedClusters those that do not follow their predecessor
 * @param compressedClusters those that are compressed
 * @param leaks clusters whose refcount is higher than their references
 * @param corruptions everything else that is wrong
 * @param findings the first of them
 * @param error why it could not be checked, or what to do about corruptions, else null
 */
@Json
public record CheckJson(
    int schemaVersion,
    String image,
    @Nullable String format,
    boolean checked,
    @Nullable Long imageEndOffset,
    @Nullable Long totalClusters,
    @Nullable Long allocatedClusters,
    @Nullable Long fragmentedClusters,
    @Nullable Long compressedClusters,
    @Nullable Long leaks,
    @Nullable Long corruptions,
    List<FindingJson> findings,
    @Nullable ErrorJson error) {

  /** What a check found. */
  public static CheckJson of(String image, CheckResult result, @Nullable ErrorJson error) {
    return new CheckJson(
        JsonText.SCHEMA_VERSION,
        image,
        "qcow2",
        true,
        result.imageEndOffset(),
        result.totalClusters(),
        result.allocatedClusters(),
        result.fragmentedClusters(),
        result.compressedClusters(),
        result.leaks(),
        result.corruptions(),
        result.findings().stream().map(FindingJson::of).toList(),
        error);
  }

  /** An image without a result: its format has nothing to check, or it failed. */
  public static CheckJson of(String image, @Nullable String format, @Nullable ErrorJson error) {
    return new CheckJson(
        JsonText.SCHEMA_VERSION,
        image,
        format,
        false,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        List.of(),
        error);
  }

  /**
   * One thing that is wrong.
   *
   * @param kind {@code leak}, {@code stale} or {@code corruption}
   * @param offset where, in bytes from the file's start
   * @param reason what
   */
  @Json
  public record FindingJson(String kind, long offset, String reason) {

    static FindingJson of(CheckResult.Finding finding) {
      return new FindingJson(
          finding.kind().name().toLowerCase(Locale.ROOT), finding.offset(), finding.reason());
    }
  }
}
