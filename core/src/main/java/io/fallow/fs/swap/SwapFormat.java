package io.fallow.fs.swap;

import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.device.Device;
import io.fallow.format.Content;
import io.fallow.format.Format;
import io.fallow.format.Refusal;
import io.fallow.format.Refused;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Linux swap areas of version 1, with pages of 4 to 64 KiB and in either byte order; and areas onto
 * which a guest is suspended, so that its whole disk is left alone.
 */
public final class SwapFormat implements Format {

  private static final String TYPE = "swap";
  private static final String SUSPENDED_TYPE = "swsuspend";

  /** Finds swap areas. */
  public SwapFormat() {}

  @Override
  public Optional<String> recognise(Device device) throws IOException {
    List<SwapMagic> found = SwapMagic.find(device);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(found.stream().anyMatch(SwapMagic::isSuspended) ? SUSPENDED_TYPE : TYPE);
  }

  @Override
  public Content open(Device device) throws IOException {
    List<SwapMagic> found = SwapMagic.find(device);
    Optional<SwapMagic> suspended = found.stream().filter(SwapMagic::isSuspended).findFirst();
    if (suspended.isPresent()) {
      return new Refused(
          SUSPENDED_TYPE,
          new Refusal(
              Refusal.Kind.HIBERNATED,
              "%s at 0x%x: %s: a guest is suspended to disk here; start it and shut it down"
                  .formatted(device.name(), suspended.get().offset(), suspended.get().text())));
    }
    if (found.size() > 1) {
      return new Refused(
          TYPE,
          new Refusal(
              Refusal.Kind.AMBIGUOUS,
              "%s has swap signatures for pages of %d and of %d bytes; recreate it with mkswap"
                  .formatted(
                      device.name(), found.getFirst().pageSize(), found.getLast().pageSize())));
    }
    SwapMagic magic = found.getFirst();
    if (magic.text().equals(SwapMagic.VERSION_0)) {
      throw new UnsupportedFeatureException(device.name(), List.of("swap version 0"));
    }
    return new SwapArea(SwapHeader.read(device, magic));
  }
}
