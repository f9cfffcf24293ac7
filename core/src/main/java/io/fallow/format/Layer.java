package io.fallow.format;

import io.fallow.device.Device;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.util.List;

/** A mapping of devices onto others: a partition table, a volume group, an encrypted container. */
public non-sealed interface Layer extends Content {

  /**
   * One device that the layer makes.
   *
   * @param name its part of a volume's path, such as {@code 2} in {@code gpt/2}
   * @param place where it lies in the parent
   * @param device what it holds
   * @param known what it is when it holds no filesystem by design (a boot loader), else empty
   */
  record Child(String name, Extent place, Device device, String known) {}

  /** The devices it makes, in the order of their numbers. */
  List<Child> children();

  /**
   * Carries release sets one step down. The result is at most the image of what was given: a layer
   * may shrink a release set and never grows it.
   *
   * @param perChild a set for each of {@link #children}, in the child's coordinates
   * @return the set that may be released in the parent, in the parent's coordinates
   */
  ExtentSet release(List<ExtentSet> perChild);
}
