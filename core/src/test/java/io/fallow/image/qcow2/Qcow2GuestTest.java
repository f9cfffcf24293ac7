package io.fallow.image.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.MemoryFile;
import io.fallow.extent.ExtentSet;
import io.fallow.image.raw.RawImage;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The guest's disk reads as QEMU reads it. */
class Qcow2GuestTest {

  @ParameterizedTest
  @ValueSource(strings = {"v3", "v2", "zlib", "zstd", "snapshots", "dirty"})
  void readsAsQemuDoes(String name) throws Exception {
    byte[] guest = Images.guest(Images.open(Images.load(name)));
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(guest);
    assertThat(sums()).contains(name + " " + HexFormat.of().formatHex(hash) + "\n");
  }

  @Test
  void tellsWhatIsAllocated() throws IOException {
    Qcow2Image image = Images.open(Images.load("v3"));
    assertThat(image.guest().allocated(image.guest().extent()))
        .isEqualTo(
            ExtentSet.builder()
                .add(0, 64 << 10)
                .add(96 << 10, 300 << 10)
                .add(1 << 20, (1 << 20) + (200 << 10))
                .add(2 << 20, (2 << 20) + 512)
                .build());
  }

  @Test
  void readsTheBackingFileWhereTheOverlayHoldsNothing() throws IOException {
    MemoryFile file = overlay("base.img", 1 << 20);
    MemoryFile base = new MemoryFile("base.img", 640 << 10);
    byte[] content = new byte[640 << 10];
    Arrays.fill(content, (byte) 99);
    base.write(0, MemorySegment.ofArray(content));
    Qcow2Image image = Qcow2Image.open(file, (name, format) -> new RawImage(base));
    byte[] guest = Images.guest(image);
    assertThat(guest[0]).isEqualTo((byte) 17);
    assertThat(guest[70 << 10]).isZero();
    assertThat(guest[(300 << 10)]).isEqualTo((byte) 99);
    assertThat(guest[(640 << 10) - 1]).isEqualTo((byte) 99);
    assertThat(guest[640 << 10]).isZero();
    assertThat(image.guest().allocated(image.guest().extent()).contains(500 << 10)).isTrue();
  }

  @Test
  void opensWithoutItsBackingFileAndFailsWhereThatIsNeeded() throws IOException {
    Qcow2Image image = Images.open(overlay("base.img", 1 << 20));
    assertThat(image.header().backingFile()).hasValue("base.img");
    assertThat(Images.bytes(image.guest(), 0, 512)).containsOnly(17);
    assertThatThrownBy(() -> Images.bytes(image.guest(), 500 << 10, 512))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("backing file \"base.img\" is not available");
  }

  @ParameterizedTest
  @ValueSource(strings = {"json:{}", "nbd://host/disk", "file:base.img"})
  void neverAsksForAProtocol(String name) throws IOException {
    Qcow2Image image =
        Qcow2Image.open(
            overlay(name, 1 << 20),
            (asked, format) -> {
              throw new AssertionError("asked for " + asked);
            });
    assertThatThrownBy(() -> Images.bytes(image.guest(), 500 << 10, 512))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("names of protocols are never followed");
  }

  @Test
  void stopsAtAChainThatLoops() throws IOException {
    MemoryFile file = overlay("v3", 1 << 20);
    BackingOpener[] same = new BackingOpener[1];
    same[0] = (name, format) -> Qcow2Image.open(file, same[0]);
    Qcow2Image image = Qcow2Image.open(file, same[0]);
    assertThatThrownBy(() -> Images.bytes(image.guest(), 500 << 10, 512))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does it loop?");
  }

  @Test
  void namesAnEntryWithReservedBits() throws IOException {
    MemoryFile file = Images.load("v3");
    long at = Images.entryAt(file, 0);
    Images.putU64(file, at, Images.u64(file, at) | 2);
    Qcow2Image image = Images.open(file);
    assertThatThrownBy(() -> Images.bytes(image.guest(), 0, 512))
        .isInstanceOf(CorruptFormatException.class)
        .hasMessageStartingWith("v3 at 0x%x: L2 entry 0x80000000".formatted(at))
        .hasMessageEndingWith("2 has reserved bits set");
  }

  @ParameterizedTest
  @ValueSource(strings = {"zlib", "zstd"})
  void namesACompressedClusterThatDoesNotUnpack(String name) throws IOException {
    MemoryFile file = Images.load(name);
    long place = Images.u64(file, Images.entryAt(file, 0)) & (1L << 54) - 1;
    file.write(place, MemorySegment.ofArray(new byte[] {-1, -1, -1, -1, -1, -1}));
    Qcow2Image image = Images.open(file);
    assertThatThrownBy(() -> Images.bytes(image.guest(), 0, 512))
        .isInstanceOf(CorruptFormatException.class)
        .hasMessageContaining("compressed cluster does not unpack");
  }

  /** The image v3, declared to lie over a backing file. */
  static MemoryFile overlay(String name, long size) {
    MemoryFile file = Images.load("v3");
    byte[] stored = name.getBytes(StandardCharsets.UTF_8);
    file.write(2048, MemorySegment.ofArray(stored));
    Images.putU64(file, 0x08, 2048);
    Images.putU32(file, 0x10, stored.length);
    Images.putU64(file, 0x18, size);
    return file;
  }

  private static String sums() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(Qcow2GuestTest.class.getResourceAsStream("guest-sha256.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
