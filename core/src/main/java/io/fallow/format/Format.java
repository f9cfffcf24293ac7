package io.fallow.format;

import io.fallow.device.Device;
import java.io.IOException;
import java.util.Optional;

/**
 * One on-disk format that a device may hold: a partition table, a volume's metadata, a filesystem.
 *
 * <p>A new format is one package with one implementation of this, and one line in {@code
 * io.fallow.stack.Formats}.
 */
public interface Format {

  /**
   * Looks for the format's signature, and at little else. "Not my format" is an empty result, never
   * an exception.
   *
   * @return what the device holds, as users call it ({@code ext4}); empty if not this format
   */
  Optional<String> recognise(Device device) throws IOException;

  /**
   * Reads all that decides what is free. Called only after {@link #recognise} found the format.
   *
   * @return a {@link Refused} if the state is not provably safe
   * @throws io.fallow.bytes.CorruptFormatException if a structure breaks the specification
   * @throws io.fallow.bytes.UnsupportedFeatureException if a feature is not handled
   */
  Content open(Device device) throws IOException;
}
