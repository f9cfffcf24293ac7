package io.fallow.plan;

import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.format.FileSystem;
import io.fallow.format.Layer;
import io.fallow.format.Opaque;
import io.fallow.format.Refusal;
import io.fallow.format.Refused;
import io.fallow.image.Image;
import io.fallow.image.Release;
import io.fallow.stack.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What will be released of one image, and the whereabouts of every free byte.
 *
 * <p>{@code scan} shows a plan, {@code trim --dry-run} shows the same one, and {@code trim}
 * executes it: what was shown is what is done.
 */
public final class Plan {

  private final Image image;
  private final Set<String> ignored;
  private final @Nullable Refusal hibernation;
  private final ExtentSet free;
  private final Release release;
  private final List<VolumePlan> volumes;

  private Plan(Image image, Node root, Set<String> ignored) throws IOException {
    this.image = image;
    this.ignored = ignored;
    this.hibernation = findHibernation(root).orElse(null);
    this.free = hibernation == null ? releasedBy(root) : ExtentSet.empty();
    this.release = image.release(free);
    List<VolumePlan> found = new ArrayList<>();
    collect(root, found);
    this.volumes = List.copyOf(found);
  }

  /**
   * Plans the release of all that is free in an image.
   *
   * @param root what the image's guest disk holds
   * @param ignored paths of volumes to leave alone, with all that is in them
   */
  public static Plan of(Image image, Node root, Set<String> ignored) throws IOException {
    return new Plan(image, root, ignored);
  }

  /** The image that it concerns. */
  public Image image() {
    return image;
  }

  /** The guest bytes that no one uses, as the volumes report them. */
  public ExtentSet free() {
    return free;
  }

  /** What the image makes of {@link #free}. */
  public Release release() {
    return release;
  }

  /** Every volume without a volume in it, in the order of the tree. */
  public List<VolumePlan> volumes() {
    return volumes;
  }

  /** Whether a volume was refused. */
  public boolean hasRefusals() {
    return volumes.stream().anyMatch(volume -> volume.refusal() != null && !volume.ignored());
  }

  /** The path by which users name a node. */
  private static String pathOf(Node node) {
    return node.path().isEmpty() ? "disk" : node.path();
  }

  private boolean isIgnored(Node node) {
    return ignored.contains(pathOf(node));
  }

  /** A suspended guest resumes with every volume as it was, so one marker stops all of them. */
  private static Optional<Refusal> findHibernation(Node node) {
    if (node.content() instanceof Refused refused
        && refused.refusal().kind() == Refusal.Kind.HIBERNATED) {
      return Optional.of(
          new Refusal(
              Refusal.Kind.HIBERNATED,
              "the guest is suspended to disk in %s; start it and shut it down first"
                  .formatted(pathOf(node))));
    }
    return node.children().stream().flatMap(child -> findHibernation(child).stream()).findFirst();
  }

  /** The bytes of a node's device that its content gives up. */
  private ExtentSet releasedBy(Node node) {
    if (isIgnored(node)) {
      return ExtentSet.empty();
    }
    return switch (node.content()) {
      case FileSystem fileSystem -> fileSystem.free();
      case Layer layer -> layer.release(node.children().stream().map(this::releasedBy).toList());
      case Refused _, Opaque _ -> ExtentSet.empty();
    };
  }

  private void collect(Node node, List<VolumePlan> found) {
    if (node.content() instanceof Layer && !isIgnored(node)) {
      node.children().forEach(child -> collect(child, found));
    } else {
      found.add(volume(node));
    }
  }

  private VolumePlan volume(Node node) {
    boolean skip = isIgnored(node);
    Extent place = node.place();
    String label = "";
    String uuid = "";
    Refusal refusal = null;
    long used = place.length();
    ExtentSet mine = ExtentSet.empty();
    switch (node.content()) {
      case FileSystem fileSystem -> {
        label = fileSystem.label();
        uuid = fileSystem.uuid();
        refusal = hibernation;
        mine = fileSystem.free().shift(place.start());
        used = fileSystem.size() - mine.total();
      }
      case Refused refused -> refusal = refused.refusal();
      case Layer _ -> {}
      case Opaque opaque -> used = opaque.blank() ? 0 : used;
    }
    // A lambda below needs a name that never changes.
    ExtentSet volumeFree = mine;
    // What a layer on the way down rounded away never reached the image.
    ExtentSet dropped = skip || hibernation != null ? ExtentSet.empty() : volumeFree.subtract(free);
    SortedMap<String, Long> held = new TreeMap<>();
    release
        .held()
        .forEach((owner, set) -> {
          long bytes = set.intersect(volumeFree).total();
          if (bytes > 0) {
            held.put(owner, bytes);
          }
        });
    return new VolumePlan(
        pathOf(node),
        node.content().type(),
        label,
        uuid,
        place,
        used,
        volumeFree.total(),
        release.releasable().intersect(volumeFree).total(),
        release.holes().intersect(volumeFree).total(),
        Collections.unmodifiableSortedMap(held),
        release.lost().union(dropped).intersect(volumeFree).total(),
        refusal,
        skip);
  }
}
