package io.fallow.cli.report;

import org.jspecify.annotations.Nullable;

/**
 * What a trim did to one image.
 *
 * @param dryRun whether it only showed what it would do
 * @param hostAllocatedBefore what the file took, in bytes, by the host filesystem's accounting
 * @param hostAllocatedAfter what it takes now, likewise
 * @param verification the comparison of what was to stay, or null if none was asked for
 */
public record TrimReport(
    boolean dryRun,
    long hostAllocatedBefore,
    long hostAllocatedAfter,
    @Nullable Verification verification) {

  /** The bytes that came back. Another process's writes to the host's disk do not count here. */
  public long released() {
    return hostAllocatedBefore - hostAllocatedAfter;
  }

  /**
   * The guest's bytes outside the release set, before and after.
   *
   * @param bytes how many there are, holes included
   * @param before the hash before, in hexadecimal
   * @param after the hash after, in hexadecimal
   */
  public record Verification(long bytes, String before, String after) {

    /** Whether nothing changed. */
    public boolean equal() {
      return before.equals(after);
    }
  }
}
