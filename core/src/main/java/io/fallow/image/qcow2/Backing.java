package io.fallow.image.qcow2;

import io.fallow.device.Device;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Image;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What lies below an overlay: nothing, or the guest's disk of its backing file, which is opened
 * only when it is first needed. Beyond its end a backing file reads as zero.
 */
final class Backing implements Closeable {

  private final String overlay;
  private final @Nullable String name;
  private final String format;
  private final BackingOpener opener;
  private int depth;
  private @Nullable Image image;
  private @Nullable String refusal;

  Backing(String overlay, Qcow2Header header, BackingOpener opener) {
    this.overlay = overlay;
    this.name = header.backingFile().orElse(null);
    this.format = header.backingFormat().orElse("");
    this.opener = opener;
  }

  /** Fills {@code target} with the bytes of the guest's disk from {@code offset} on. */
  void read(long offset, MemorySegment target) throws IOException {
    long present = 0;
    if (name != null) {
      Device disk = open().guest();
      present = Math.clamp(disk.size() - offset, 0, target.byteSize());
      if (present > 0) {
        disk.read(offset, target.asSlice(0, present));
      }
    }
    target.asSlice(present).fill((byte) 0);
  }

  /** The bytes of {@code window} that may not read as zero; all of it if that cannot be told. */
  ExtentSet allocated(Extent window) throws IOException {
    if (name == null) {
      return ExtentSet.empty();
    }
    if (image == null && refusal != null) {
      return ExtentSet.of(window);
    }
    Device disk;
    try {
      disk = open().guest();
    } catch (IOException e) {
      return ExtentSet.of(window);
    }
    long end = Math.min(window.end(), disk.size());
    return end <= window.start()
        ? ExtentSet.empty()
        : disk.allocated(new Extent(window.start(), end));
  }

  /** Tells how many overlays lie above. */
  void setDepth(int depth) {
    this.depth = depth;
  }

  private Image open() throws IOException {
    if (image != null) {
      return image;
    }
    if (refusal != null || name == null) {
      throw new IOException(refusal);
    }
    try {
      if (isProtocol(name)) {
        throw new IOException("names of protocols are never followed");
      }
      if (depth >= Qcow2.MAX_BACKING_DEPTH) {
        throw new IOException("the chain is longer than %d files: does it loop?".formatted(depth));
      }
      Image opened = opener.open(name, format);
      if (opened instanceof Qcow2Image below) {
        below.setDepth(depth + 1);
      }
      image = opened;
      return opened;
    } catch (IOException e) {
      refusal =
          "%s: backing file \"%s\" is not available: %s".formatted(overlay, name, e.getMessage());
      throw new IOException(refusal, e);
    }
  }

  /** Whether QEMU would take a name for a protocol: a colon before any slash. */
  private static boolean isProtocol(String name) {
    int colon = name.indexOf(':');
    int slash = name.indexOf('/');
    return colon >= 0 && (slash < 0 || colon < slash);
  }

  @Override
  public void close() throws IOException {
    if (image != null) {
      image.close();
    }
  }
}
