package io.fallow.tests.kernel;

import io.fallow.extent.ExtentSet;
import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.image.Image;
import io.fallow.image.Progress;
import io.fallow.image.qcow2.Qcow2Image;
import io.fallow.image.raw.RawImage;
import io.fallow.plan.Plan;
import io.fallow.plan.VolumePlan;
import io.fallow.stack.Stack;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;

/** Opens, plans and trims an image through the same calls as the command line. */
final class Product {

  private Product() {}

  /**
   * What a trim did.
   *
   * @param free the guest bytes that no one uses
   * @param releasable those of them whose space was given back
   * @param held those whose space others keep
   * @param volumes what the report says of each volume
   * @param hostBefore bytes that the file took before
   * @param hostAfter bytes that the file takes now
   */
  record Trimmed(
      ExtentSet free,
      ExtentSet releasable,
      SortedMap<String, ExtentSet> held,
      List<VolumePlan> volumes,
      long hostBefore,
      long hostAfter) {

    List<VolumePlan> refusals() {
      return volumes.stream().filter(volume -> volume.refusal() != null).toList();
    }
  }

  /** Trims an image; {@code format} is {@code raw} or {@code qcow2}. */
  static Trimmed trim(Path path, String format) throws IOException {
    LinuxFile file = LinuxFile.open(path, Access.WRITE);
    try (Image image = open(path, file, format)) {
      Plan plan = Plan.of(image, Stack.of(image.guest()), Set.of());
      long before = file.allocatedBytes();
      plan.release().execute(Progress.NONE);
      return new Trimmed(
          plan.free(),
          plan.release().releasable(),
          plan.release().held(),
          plan.volumes(),
          before,
          file.allocatedBytes());
    }
  }

  private static Image open(Path path, LinuxFile file, String format) throws IOException {
    try {
      return format.equals("raw")
          ? new RawImage(file)
          : Qcow2Image.open(file, (name, kind) -> backing(path.resolveSibling(name), kind));
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static Image backing(Path path, String format) throws IOException {
    return open(path, LinuxFile.open(path, Access.READ), format);
  }
}
