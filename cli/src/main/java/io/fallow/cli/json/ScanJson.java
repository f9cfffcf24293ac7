package io.fallow.cli.json;

import io.avaje.jsonb.Json;
import io.fallow.cli.report.ImageReport;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code scan --json} prints.
 *
 * @param schemaVersion grows when a key changes its meaning or goes; new keys may come any time
 * @param images one for each image, in the order of the command line
 */
@Json
public record ScanJson(int schemaVersion, List<ImageJson> images) {

  /**
   * One image. Sizes are in bytes. Where there is an error, all but {@code image} may be null.
   *
   * @param image the file, as it was named
   * @param format such as {@code qcow2}
   * @param virtualSize the size of the guest's disk
   * @param hostAllocated what the file takes, by the host filesystem's accounting
   * @param used the guest bytes in use
   * @param releasable the host bytes that can be given back
   * @param unowned the part of them that belongs to no guest byte
   * @param holes free guest bytes that take no space already
   * @param held free guest bytes whose space others keep, by owner
   * @param lost free guest bytes whose unit of allocation holds used bytes too
   * @param inUse whether another process uses the image
   * @param approximate whether the figures may be off for that reason
   * @param volumes the guest's volumes
   * @param error why there are no figures, else null
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
      @Nullable ErrorJson error) {

    /** An image with its figures, without them, or with an error that came after them. */
    public static ImageJson of(
        String image, @Nullable ImageReport report, @Nullable ErrorJson error) {
      if (report == null) {
        return new ImageJson(
            image, null, null, null, null, null, null, null, null, null, null, null, List.of(),
            error);
      }
      return new ImageJson(
          image,
          report.format(),
          report.virtualSize(),
          report.hostAllocated(),
          report.used(),
          report.releasable(),
          report.unowned(),
          report.holes(),
          report.held(),
          report.lost(),
          report.inUse(),
          report.inUse(),
          report.volumes().stream().map(VolumeJson::of).toList(),
          error);
    }
  }
}
