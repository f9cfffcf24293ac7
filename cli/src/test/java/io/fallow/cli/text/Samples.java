package io.fallow.cli.text;

import io.fallow.cli.report.ImageReport;
import io.fallow.extent.Extent;
import io.fallow.format.Refusal;
import io.fallow.plan.VolumePlan;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reports to render, and terminals to render them for. */
final class Samples {

  static final long KIB = 1 << 10;
  static final long MIB = 1 << 20;
  static final long GIB = 1 << 30;

  private Samples() {}

  static Terminal terminal(int width, boolean colour, boolean unicode) {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    return new Terminal(nowhere, nowhere, false, false, colour, unicode, width);
  }

  static VolumePlan volume(String path, String type, String label, long size, long free) {
    return new VolumePlan(
        path,
        type,
        label,
        "",
        Extent.ofLength(MIB, size),
        size - free,
        free,
        free / 2,
        free / 4,
        new TreeMap<>(Map.of("snapshot before-upgrade", free / 8)),
        free / 8,
        null,
        false);
  }

  static VolumePlan plain(
      String path, String type, long size, @Nullable Refusal refusal, boolean ignored) {
    return new VolumePlan(
        path,
        type,
        "",
        "",
        Extent.ofLength(MIB, size),
        size,
        0,
        0,
        0,
        new TreeMap<>(),
        0,
        refusal,
        ignored);
  }

  static VolumePlan refused(String path, String reason) {
    return plain(path, "xfs", 2 * GIB, new Refusal(Refusal.Kind.UNCLEAN, reason), false);
  }

  static ImageReport report(VolumePlan... volumes) {
    return new ImageReport(
        "disk.qcow2",
        "qcow2",
        20 * GIB,
        4 * GIB,
        430 * MIB,
        3 * GIB,
        12 * MIB,
        14 * GIB,
        new TreeMap<>(Map.of("snapshot before-upgrade", 2 * GIB)),
        3 * MIB,
        false,
        List.of(volumes));
  }

  static ImageReport inUse(ImageReport report) {
    return new ImageReport(
        report.image(),
        report.format(),
        report.virtualSize(),
        report.hostAllocated(),
        report.used(),
        report.releasable(),
        report.unowned(),
        report.holes(),
        report.held(),
        report.lost(),
        true,
        report.volumes());
  }
}
