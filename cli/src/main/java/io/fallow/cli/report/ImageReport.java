package io.fallow.cli.report;

import io.fallow.extent.ExtentSet;
import io.fallow.image.Image;
import io.fallow.plan.Plan;
import io.fallow.plan.VolumePlan;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a scan tells about one image. Sizes are in bytes.
 *
 * @param image the file, as the user named it
 * @param format such as {@code qcow2}
 * @param virtualSize the size of the guest's disk
 * @param hostAllocated what the file takes, by the host filesystem's own accounting
 * @param used the guest bytes in use, as far as the volumes tell
 * @param releasable host bytes that can be given back
 * @param unowned the part of {@code releasable} that belongs to no guest byte
 * @param holes free guest bytes that take no space already
 * @param held free guest bytes whose space others keep, by owner
 * @param lost free guest bytes whose unit of allocation holds used bytes too
 * @param inUse whether another process uses the image, so that the figures are approximate
 * @param volumes the volumes, in the order of the disk's tree
 */
public record ImageReport(
    String image,
    String format,
    long virtualSize,
    long hostAllocated,
    long used,
    long releasable,
    long unowned,
    long holes,
    SortedMap<String, Long> held,
    long lost,
    boolean inUse,
    List<VolumePlan> volumes) {

  /** Copies the collections. */
  public ImageReport {
    held = Collections.unmodifiableSortedMap(new TreeMap<>(held));
    volumes = List.copyOf(volumes);
  }

  /** Tells of a plan. */
  public static ImageReport of(String name, Plan plan, boolean inUse) throws IOException {
    Image image = plan.image();
    SortedMap<String, Long> held = new TreeMap<>();
    plan.release().held().forEach((owner, set) -> putSize(held, owner, set));
    return new ImageReport(
        name,
        image.format(),
        image.guest().size(),
        image.file().allocatedBytes(),
        plan.volumes().stream().mapToLong(VolumePlan::used).sum(),
        plan.release().hostBytes(),
        plan.release().unownedBytes(),
        plan.release().holes().total(),
        held,
        plan.release().lost().total(),
        inUse,
        plan.volumes());
  }

  private static void putSize(SortedMap<String, Long> sizes, String owner, ExtentSet set) {
    if (!set.isEmpty()) {
      sizes.put(owner, set.total());
    }
  }

  /** The same, under another name for the file. */
  public ImageReport named(String name) {
    return new ImageReport(
        name,
        format,
        virtualSize,
        hostAllocated,
        used,
        releasable,
        unowned,
        holes,
        held,
        lost,
        inUse,
        volumes);
  }

  /** Whether a volume was refused that the user did not ask to leave alone. */
  public boolean hasRefusals() {
    return volumes.stream().anyMatch(volume -> volume.refusal() != null && !volume.ignored());
  }
}
