package io.fallow.image.qcow2;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.image.qcow2.CheckResult.Finding;
import io.fallow.image.qcow2.CheckResult.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;

/** Collects what a check finds: counts all of it, and keeps the first of each kind. */
final class Findings {

  private static final int KEPT = 64;

  private final List<Finding> kept = new ArrayList<>();
  private final EnumMap<Kind, Long> counts = new EnumMap<>(Kind.class);

  /** Notes something that is wrong; the message is formatted only if it is kept. */
  void add(Kind kind, long offset, String message, Object... arguments) {
    if (counts.merge(kind, 1L, Long::sum) <= KEPT) {
      kept.add(new Finding(kind, offset, message.formatted(arguments)));
    }
  }

  /** How many there are of a kind. */
  long count(Kind kind) {
    return counts.getOrDefault(kind, 0L);
  }

  /** The first ones of each kind. */
  List<Finding> kept() {
    return List.copyOf(kept);
  }

  /** Demands that nothing of a kind was found. */
  void refuse(String source, Kind kind) throws CorruptFormatException {
    for (Finding finding : kept) {
      if (finding.kind() == kind) {
        throw new CorruptFormatException(
            source,
            finding.offset(),
            "%s; %d such found, run \"qemu-img check\" and repair the image first"
                .formatted(finding.reason(), count(kind)));
      }
    }
  }
}
