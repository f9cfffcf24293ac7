package io.fallow.cli.json;

import io.avaje.jsonb.Json;
import io.fallow.cli.report.InfoReport;
import io.fallow.image.qcow2.Qcow2Header;
import io.fallow.image.qcow2.Snapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code info --json} prints. Sizes are in bytes.
 *
 * @param schemaVersion as in {@link ScanJson}
 * @param image the file, as it was named
 * @param format such as {@code qcow2}
 * @param virtualSize the size of the guest's disk
 * @param fileSize the size of the file
 * @param hostAllocated what the file takes, by the host filesystem's accounting
 * @param inUse whether another process has it open for writing
 * @param qcow2 what only qcow2 has, else null
 * @param error why there is no information, else null
 */
@Json
public record InfoJson(
    int schemaVersion,
    String image,
    @Nullable String format,
    @Nullable Long virtualSize,
    @Nullable Long fileSize,
    @Nullable Long hostAllocated,
    @Nullable Boolean inUse,
    @Nullable Qcow2Json qcow2,
    @Nullable ErrorJson error) {

  /** What is known of an image. */
  public static InfoJson of(InfoReport report) {
    InfoReport.Qcow2Details qcow2 = report.qcow2();
    return new InfoJson(
        JsonText.SCHEMA_VERSION,
        report.image(),
        report.format(),
        report.virtualSize(),
        report.fileSize(),
        report.hostAllocated(),
        report.inUse(),
        qcow2 == null ? null : Qcow2Json.of(qcow2),
        null);
  }

  /** Why nothing is known of an image. */
  public static InfoJson of(String image, ErrorJson error) {
    return new InfoJson(JsonText.SCHEMA_VERSION, image, null, null, null, null, null, null, error);
  }

  /**
   * What the header of a qcow2 image says.
   *
   * @param version 2 or 3
   * @param clusterSize in bytes
   * @param refcountBits the width of a refcount
   * @param compression the type of compressed clusters
   * @param backingFile the name as stored, else null
   * @param backingFormat as declared, else null
   * @param lazyRefcounts whether refcounts may be updated late
   * @param dirty whether they may be stale
   * @param corrupt whether a writer marked the image as corrupt
   * @param snapshots the internal snapshots
   */
  @Json
  public record Qcow2Json(
      int version,
      int clusterSize,
      int refcountBits,
      String compression,
      @Nullable String backingFile,
      @Nullable String backingFormat,
      boolean lazyRefcounts,
      boolean dirty,
      boolean corrupt,
      List<SnapshotJson> snapshots) {

    static Qcow2Json of(InfoReport.Qcow2Details details) {
      Qcow2Header header = details.header();
      return new Qcow2Json(
          header.version(),
          header.clusterSize(),
          header.refcountBits(),
          header.compressionType().toString(),
          header.backingFile().orElse(null),
          header.backingFormat().orElse(null),
          header.lazyRefcounts(),
          header.dirty(),
          header.corrupt(),
          details.snapshots().stream().map(SnapshotJson::of).toList());
    }
  }

  /**
   * An internal snapshot.
   *
   * @param id its ID
   * @param name its name
   * @param date when it was taken, in UTC
   * @param virtualSize the size of the guest's disk then, in bytes
   * @param vmStateSize the size of the saved machine state in bytes
   */
  @Json
  public record SnapshotJson(
      String id, String name, String date, long virtualSize, long vmStateSize) {

    static SnapshotJson of(Snapshot snapshot) {
      return new SnapshotJson(
          snapshot.id(),
          snapshot.name(),
          snapshot.date().toString(),
          snapshot.virtualSize(),
          snapshot.vmStateSize());
    }
  }
}
