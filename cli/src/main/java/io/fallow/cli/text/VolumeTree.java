package io.fallow.cli.text;

import io.fallow.plan.VolumePlan;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Volumes as a tree. A path is made of pairs, a layer's type and the name of one of its children
 * ({@code gpt/2}, {@code gpt/2/lvm/root}): each layer gets a line of its own, above its children.
 */
final class VolumeTree {

  /**
   * One line of the tree.
   *
   * @param name its branches and path
   * @param below what continues the branches under it
   * @param volume what it stands for; null for a layer
   */
  record Entry(String name, String below, @Nullable VolumePlan volume) {}

  private final boolean unicode;
  private final List<Entry> entries = new ArrayList<>();

  private VolumeTree(boolean unicode) {
    this.unicode = unicode;
  }

  /** The lines for volumes that come in the order of their tree. */
  static List<Entry> of(List<VolumePlan> volumes, boolean unicode) {
    VolumeTree tree = new VolumeTree(unicode);
    Set<String> layers = new HashSet<>();
    for (int index = 0; index < volumes.size(); index++) {
      VolumePlan volume = volumes.get(index);
      List<String> later =
          volumes.subList(index + 1, volumes.size()).stream().map(VolumePlan::path).toList();
      tree.add(volume, layers, later);
    }
    return tree.entries;
  }

  private void add(VolumePlan volume, Set<String> layers, List<String> later) {
    String path = volume.path();
    String branches = "";
    for (int cut = path.indexOf('/'); cut >= 0; ) {
      String layer = path.substring(0, cut);
      if (layers.add(layer)) {
        entries.add(new Entry(branches(branches) + Lines.safe(layer), "", null));
      }
      int end = path.indexOf('/', cut + 1);
      String child = end < 0 ? path : path.substring(0, end);
      boolean more =
          later.stream()
              .anyMatch(
                  next -> next.startsWith(layer + "/") && !(next + "/").startsWith(child + "/"));
      branches += more ? "+" : "-";
      cut = end < 0 ? -1 : path.indexOf('/', end + 1);
    }
    entries.add(new Entry(branches(branches) + Lines.safe(path), below(branches), volume));
  }

  /** The branches before a line: only the last one leads to it, the others pass by. */
  private String branches(String levels) {
    if (levels.isEmpty()) {
      return "";
    }
    String last = levels.endsWith("+") ? (unicode ? "├─ " : "|- ") : (unicode ? "└─ " : "`- ");
    return below(levels.substring(0, levels.length() - 1)) + last;
  }

  private String below(String levels) {
    return levels.replace("-", "   ").replace("+", unicode ? "│  " : "|  ");
  }
}
