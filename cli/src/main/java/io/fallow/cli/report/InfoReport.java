package io.fallow.cli.report;

import io.fallow.image.qcow2.Qcow2Header;
import io.fallow.image.qcow2.Snapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file's own metadata says. Nothing that it refers to is opened.
 *
 * @param image the file, as the user named it
 * @param format such as {@code qcow2}
 * @param virtualSize the size of the guest's disk in bytes
 * @param fileSize the size of the file in bytes
 * @param hostAllocated the bytes that the file takes, by the host filesystem's own accounting
 * @param inUse whether another process has it open for writing
 * @param qcow2 what only qcow2 has; null for raw
 */
public record InfoReport(
    String image,
    String format,
    long virtualSize,
    long fileSize,
    long hostAllocated,
    boolean inUse,
    @Nullable Qcow2Details qcow2) {

  /**
   * What only qcow2 has.
   *
   * @param header the header
   * @param snapshots the internal snapshots
   */
  public record Qcow2Details(Qcow2Header header, List<Snapshot> snapshots) {

    /** Copies the list. */
    public Qcow2Details {
      snapshots = List.copyOf(snapshots);
    }
  }
}
