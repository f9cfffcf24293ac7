package io.fallow.image.qcow2;

import io.fallow.device.Device;
import io.fallow.device.MemoryFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/** The checked-in images, and means to look into them and to break them. */
final class Images {

  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private Images() {}

  static MemoryFile load(String name) {
    try (InputStream packed =
        Objects.requireNonNull(Images.class.getResourceAsStream(name + ".qcow2.gz"), name)) {
      return MemoryFile.of(name, new GZIPInputStream(packed).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Qcow2Image open(MemoryFile file) throws IOException {
    return Qcow2Image.open(file, BackingOpener.none());
  }

  static byte[] bytes(Device device, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    device.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  static byte[] guest(Qcow2Image image) throws IOException {
    return bytes(image.guest(), 0, (int) image.guest().size());
  }

  static long u64(Device device, long at) throws IOException {
    return MemorySegment.ofArray(bytes(device, at, 8)).get(U64, 0);
  }

  static void putU64(MemoryFile file, long at, long value) {
    MemorySegment memory = MemorySegment.ofArray(new byte[8]);
    memory.set(U64, 0, value);
    file.write(at, memory);
  }

  static void putU32(MemoryFile file, long at, int value) {
    file.write(
        at,
        MemorySegment.ofArray(
            new byte[] {
              (byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value
            }));
  }

  /** Where the active L2 entry of a guest offset lies. */
  static long entryAt(MemoryFile file, long guestOffset) throws IOException {
    Qcow2Header header = Qcow2Header.read(file);
    long l1Entry = u64(file, header.l1TableOffset() + guestOffset / header.l2Span() * 8);
    return (l1Entry & Qcow2.OFFSET_MASK) + guestOffset % header.l2Span() / header.clusterSize() * 8;
  }
}
