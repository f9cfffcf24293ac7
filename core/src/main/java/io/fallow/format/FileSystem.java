package io.fallow.format;

import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.util.Optional;

/**
 * The top of the chain: the one that knows what is free. Values are read once, in {@link
 * Format#open}, and do not change.
 */
public non-sealed interface FileSystem extends Content {

  /** The volume's label, or an empty text. */
  String label();

  /** The volume's UUID in its usual notation, or an empty text. */
  String uuid();

  /** The bytes from the device's start that the filesystem covers; at most the device's size. */
  long size();

  /** The unit of allocation in bytes. */
  long blockSize();

  /**
   * The bytes that provably hold nothing, in the device's coordinates and within {@link #size}:
   * checked against the format's checksums, counts and metadata ranges.
   */
  ExtentSet free();

  /**
   * Walks what all files claim and compares it with {@link #free}. Costs reading all of the
   * metadata, unlike everything else here; the device must still be open.
   *
   * @return why the volume should be left alone; empty if nothing speaks against the free set, or
   *     the filesystem has nothing to compare it with
   * @throws io.fallow.device.HostException if the host fails; what the disk itself causes becomes a
   *     refusal
   */
  default Optional<Refusal> crossCheck() throws IOException {
    return Optional.empty();
  }
}
