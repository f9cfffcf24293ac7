package io.fallow.image;

import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.util.SortedMap;

/**
 * What an image can give back of a set of free guest bytes. The four sets are disjoint, in the
 * guest's coordinates, and together are the set that was asked for.
 */
public interface Release {

  /** Guest bytes whose space will be given back. */
  ExtentSet releasable();

  /** Guest bytes that take no space already. */
  ExtentSet holes();

  /** Guest bytes whose space other owners keep, by owner: {@code snapshot NAME}. */
  SortedMap<String, ExtentSet> held();

  /** Guest bytes whose unit of allocation holds used bytes too. */
  ExtentSet lost();

  /**
   * The bytes of the host that {@link #execute} gives back, as far as can be told beforehand: those
   * of {@link #releasable}, and those that the image keeps without any owner.
   */
  long hostBytes();

  /** The part of {@link #hostBytes} that belongs to no guest byte: free or leaked clusters. */
  long unownedBytes();

  /**
   * Gives the space back, in an order that is safe against a crash at every point.
   *
   * @param progress told of every step
   * @throws io.fallow.device.HostException if the host fails; the image is valid, and what was
   *     given back until then stays so
   */
  void execute(Progress progress) throws IOException;
}
