package io.fallow.stack;

import io.fallow.device.Device;
import io.fallow.extent.Extent;
import io.fallow.format.Content;
import java.util.List;

/**
 * One device of a guest's disk, what it holds, and what that makes of it in turn.
 *
 * @param path where it stands in the chain: empty for the disk itself, else such as {@code gpt/2}
 * @param place the bytes of the disk that it covers
 * @param device reads it
 * @param content what it holds
 * @param children the devices that its layer makes, in the layer's order; none under a filesystem
 */
public record Node(String path, Extent place, Device device, Content content, List<Node> children) {

  /** Checks nothing, copies the list. */
  public Node {
    children = List.copyOf(children);
  }
}
