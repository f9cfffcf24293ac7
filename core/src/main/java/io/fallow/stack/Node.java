package io.fallow.stack;

import io.fallow.device.Device;
import io.fallow.extent.Extent;
import io.fallow.format.Content;
import io.fallow.format.FileSystem;
import io.fallow.format.Refusal;
import io.fallow.format.Refused;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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

  /**
   * The tree in which each filesystem that {@link FileSystem#crossCheck} speaks against is refused.
   *
   * @param ignored paths of nodes to leave as they are, with all below; {@code disk} is the disk
   */
  public Node crossChecked(Set<String> ignored) throws IOException {
    if (ignored.contains(path.isEmpty() ? "disk" : path)) {
      return this;
    }
    Content checked = content;
    if (content instanceof FileSystem fileSystem) {
      Optional<Refusal> found = fileSystem.crossCheck();
      if (found.isPresent()) {
        checked = new Refused(content.type(), found.get());
      }
    }
    List<Node> below = new ArrayList<>();
    for (Node child : children) {
      below.add(child.crossChecked(ignored));
    }
    return new Node(path, place, device, checked, below);
  }
}
