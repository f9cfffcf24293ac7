package io.fallow.volume;

import io.fallow.device.Device;
import io.fallow.device.Slice;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.format.Layer;
import java.util.List;

/**
 * A disk cut into partitions: each child is a contiguous part of the disk, and no two overlap.
 * Nothing outside the partitions is ever released.
 *
 * @param type {@code gpt} or {@code mbr}
 * @param children the partitions, in the order of their numbers
 */
public record PartitionTable(String type, List<Child> children) implements Layer {

  /** Copies the list. */
  public PartitionTable {
    children = List.copyOf(children);
  }

  /** The partition {@code number} of a table. */
  public static Child partition(Device disk, String type, int number, Extent place, String known) {
    String name = Integer.toString(number);
    Slice slice = new Slice(disk, place, "%s:%s/%s".formatted(disk.name(), type, name));
    return new Child(name, place, slice, known);
  }

  @Override
  public ExtentSet release(List<ExtentSet> perChild) {
    if (perChild.size() != children.size()) {
      throw new IllegalArgumentException(
          "%d sets for %d partitions".formatted(perChild.size(), children.size()));
    }
    ExtentSet.Builder released = ExtentSet.builder();
    for (int i = 0; i < children.size(); i++) {
      Child child = children.get(i);
      // A set that leaves its partition would release another one's bytes.
      released.addAll(perChild.get(i).clip(child.device().extent()).shift(child.place().start()));
    }
    return released.build();
  }
}
