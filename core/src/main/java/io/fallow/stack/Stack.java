package io.fallow.stack;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.device.Device;
import io.fallow.extent.Extent;
import io.fallow.format.Content;
import io.fallow.format.Format;
import io.fallow.format.Layer;
import io.fallow.format.Opaque;
import io.fallow.format.Refusal;
import io.fallow.format.Refused;
import io.fallow.stack.Signature.Match;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds out what a disk holds, layer by layer.
 *
 * <p>Each device is looked at for every format that Fallow understands, and for those that it only
 * knows by name. Exactly one must be there.
 */
public final class Stack {

  /** Layers within layers that are followed. */
  static final int MAXIMUM_DEPTH = 8;

  /** Devices of one disk that are looked at, the disk itself among them. */
  static final int MAXIMUM_NODES = 256;

  private final List<Format> formats;
  private int nodes = 1;

  private Stack(List<Format> formats) {
    this.formats = formats;
  }

  /**
   * Reads what a disk holds.
   *
   * @throws io.fallow.device.HostException if the host fails; what the disk itself causes becomes a
   *     {@link Refused} in the tree
   */
  public static Node of(Device disk) throws IOException {
    return of(disk, Formats.all());
  }

  static Node of(Device disk, List<Format> formats) throws IOException {
    return new Stack(formats).node("", disk.extent(), disk, "", 0);
  }

  private Node node(String path, Extent place, Device device, String known, int depth)
      throws IOException {
    Content content = bounded(content(device, known), depth);
    List<Node> children = new ArrayList<>();
    if (content instanceof Layer layer) {
      for (Layer.Child child : layer.children()) {
        String name = layer.type() + "/" + child.name();
        Extent inDisk =
            Extent.ofLength(place.start() + child.place().start(), child.place().length());
        children.add(
            node(
                path.isEmpty() ? name : path + "/" + name,
                inDisk,
                child.device(),
                child.known(),
                depth + 1));
      }
    }
    return new Node(path, place, device, content, children);
  }

  /** Refuses a layer below which more would have to be looked at than any real disk has. */
  private Content bounded(Content content, int depth) {
    if (!(content instanceof Layer layer)) {
      return content;
    }
    nodes += layer.children().size();
    if (depth == MAXIMUM_DEPTH || nodes > MAXIMUM_NODES) {
      return refused(
          layer.type(),
          Refusal.Kind.UNSUPPORTED,
          "more than %d volumes, or nested more than %d deep"
              .formatted(MAXIMUM_NODES, MAXIMUM_DEPTH));
    }
    return content;
  }

  private record Found(String type, Format format) {}

  private Content content(Device device, String known) throws IOException {
    if (device.allocated(device.extent()).isEmpty()) {
      return new Opaque(known.isEmpty() ? "blank" : known);
    }
    ProbeCache probe = new ProbeCache(device);
    List<Found> understood = new ArrayList<>();
    for (Format format : formats) {
      recognise(format, probe).ifPresent(type -> understood.add(new Found(type, format)));
    }
    if (!understood.isEmpty()) {
      return understood(probe, understood);
    }
    List<Match> foreign = ForeignSignatures.find(probe, List.of());
    if (!foreign.isEmpty()) {
      return refused(
          foreign.getFirst().type(),
          Refusal.Kind.UNSUPPORTED,
          "Fallow does not understand %s yet".formatted(names(foreign)));
    }
    return known.isEmpty()
        ? refused(
            "unknown",
            Refusal.Kind.UNKNOWN,
            "nothing in it is recognised; if it is unused, discard it in the guest (blkdiscard)")
        : new Opaque(known);
  }

  /** A structure that ends outside the device is not this format. */
  private static Optional<String> recognise(Format format, Device probe) throws IOException {
    try {
      return format.recognise(probe);
    } catch (CorruptFormatException e) {
      return Optional.empty();
    }
  }

  private static Content understood(ProbeCache probe, List<Found> found) throws IOException {
    Device device = probe.remembered();
    List<Match> foreign = List.of();
    for (Found each : found) {
      Content content = open(each, device);
      // A suspended guest stops the whole disk, whatever else seems to be here.
      if (content instanceof Refused refused
          && refused.refusal().kind() == Refusal.Kind.HIBERNATED) {
        return content;
      }
      // What lies in a partition is that partition's, though it may end where the disk ends.
      List<Layer.Child> children =
          found.size() == 1 && content instanceof Layer layer ? layer.children() : List.of();
      foreign = ForeignSignatures.find(probe, children.stream().map(Layer.Child::place).toList());
      if (found.size() == 1 && foreign.isEmpty()) {
        return content;
      }
    }
    List<String> types =
        Stream.concat(found.stream().map(Found::type), foreign.stream().map(Match::type).distinct())
            .toList();
    String places = foreign.isEmpty() ? "" : " (%s)".formatted(names(foreign));
    return refused(
        String.join("+", types),
        Refusal.Kind.AMBIGUOUS,
        "holds the signatures of %s%s; remove the stale one with wipefs"
            .formatted(String.join(" and ", types), places));
  }

  private static Content open(Found found, Device device) throws IOException {
    try {
      return found.format().open(device);
    } catch (CorruptFormatException e) {
      return refused(found.type(), Refusal.Kind.CORRUPT, String.valueOf(e.getMessage()));
    } catch (UnsupportedFeatureException e) {
      return refused(found.type(), Refusal.Kind.UNSUPPORTED, String.valueOf(e.getMessage()));
    }
  }

  private static String names(List<Match> matches) {
    return matches.stream()
        .map(match -> "%s at 0x%x".formatted(match.type(), match.place().start()))
        .collect(Collectors.joining(", "));
  }

  private static Refused refused(String type, Refusal.Kind kind, String reason) {
    return new Refused(type, new Refusal(kind, reason));
  }
}
