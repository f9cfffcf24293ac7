package io.fallow.image.qcow2;

import io.fallow.image.Image;
import java.io.IOException;

/**
 * A caller's policy on backing files: which may be opened, and how. Asked once per image, when the
 * guest's disk is first read where the overlay holds nothing.
 *
 * <p>It must open read-only, and must not guess a format that was not declared. Names that QEMU
 * would take for a protocol or a JSON description never reach it.
 */
@FunctionalInterface
public interface BackingOpener {

  /**
   * Opens the backing file of an image, or refuses to.
   *
   * @param name the name as the overlay stores it, usually relative to the overlay's directory
   * @param format the format that the overlay declares, such as {@code raw}; empty if it does not
   * @return the image, which the overlay closes with itself
   * @throws IOException with the reason if it refuses or fails
   */
  Image open(String name, String format) throws IOException;

  /** The policy to open none. */
  static BackingOpener none() {
    return (name, format) -> {
      throw new IOException("backing file \"%s\" is not opened here".formatted(name));
    };
  }
}
