package io.fallow.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.device.Device;
import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.format.Content;
import io.fallow.format.FileSystem;
import io.fallow.format.Format;
import io.fallow.format.Refused;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What every filesystem keeps: its free set lies within it and outside all that was read to find
 * it, and no damage leads to anything but a documented answer.
 */
public abstract class FileSystemContract {

  private static final int TRUNCATIONS = 300;
  private static final int FLIPS = 2_000;

  /** For subclasses. */
  protected FileSystemContract() {}

  /** The format under test. */
  protected abstract Format format();

  /** A clean filesystem of it, in which something is free. */
  protected abstract Device image() throws IOException;

  /**
   * Bytes that may be read although they are free: where the product looks for what could forbid a
   * release. None by default.
   */
  protected ExtentSet mayBeReadThoughFree() {
    return ExtentSet.empty();
  }

  private FileSystem open(Device device) throws IOException {
    assertThat(format().recognise(device)).as("signature").isPresent();
    Content content = format().open(device);
    assertThat(content).isInstanceOf(FileSystem.class);
    return (FileSystem) content;
  }

  @Test
  void freeBytesAreWholeBlocksWithinTheFilesystem() throws IOException {
    try (Device device = image()) {
      FileSystem fileSystem = open(device);
      assertThat(fileSystem.size()).isPositive().isLessThanOrEqualTo(device.size());
      assertThat(fileSystem.blockSize()).isPositive();
      assertThat(fileSystem.free().isEmpty()).isFalse();
      assertThat(new Extent(0, fileSystem.size()))
          .satisfies(all -> assertThat(ExtentSet.of(all).containsAll(fileSystem.free())).isTrue());
      assertThat(fileSystem.free().alignInward(fileSystem.blockSize()))
          .isEqualTo(fileSystem.free());
      assertThat(fileSystem.free().contains(0)).as("the first byte is free").isFalse();
    }
  }

  @Test
  void nothingThatWasReadIsFree() throws IOException {
    try (Device device = image()) {
      CountingDevice counting = new CountingDevice(device);
      FileSystem fileSystem = open(counting);
      assertThat(
              counting.reads().seen().subtract(mayBeReadThoughFree()).intersect(fileSystem.free()))
          .isEqualTo(ExtentSet.empty());
    }
  }

  @Test
  void openingTwiceGivesTheSame() throws IOException {
    try (Device device = image()) {
      FileSystem first = open(device);
      FileSystem second = open(device);
      assertThat(second.free()).isEqualTo(first.free());
      assertThat(second.type()).isEqualTo(first.type());
      assertThat(second.label()).isEqualTo(first.label());
      assertThat(second.uuid()).isEqualTo(first.uuid());
      assertThat(second.size()).isEqualTo(first.size());
    }
  }

  @Test
  void recognisesNoOtherDevice() throws IOException {
    for (long size : new long[] {0, 1, 511, 512, 4096, 1 << 20}) {
      assertThat(format().recognise(new MemoryFile("blank", size))).as("%d zeros", size).isEmpty();
      byte[] noise = new byte[(int) size];
      new Random(size).nextBytes(noise);
      assertThat(format().recognise(MemoryFile.of("noise", noise))).isEmpty();
    }
  }

  @Test
  void aDeviceCutAnywhereIsRefusedOrStillWhole() throws IOException {
    try (Device device = image()) {
      FileSystem whole = open(device);
      Random random = new Random(3);
      List<Long> sizes = new ArrayList<>(List.of(0L, 1L, 511L, 512L, 1023L, 1024L, 1025L, 2048L));
      for (int i = 0; i < TRUNCATIONS; i++) {
        sizes.add(random.nextLong(device.size()));
      }
      for (long size : sizes) {
        Device cut = MutatedDevice.truncated(device, size);
        Optional<FileSystem> opened = tryOpen(cut);
        if (opened.isPresent()) {
          assertThat(size).as("opened although cut").isGreaterThanOrEqualTo(whole.size());
          assertThat(opened.get().free()).isEqualTo(whole.free());
        }
      }
    }
  }

  @Test
  void aFlippedByteNeverLeadsOutsideTheDocumentedAnswers() throws IOException {
    try (Device device = image()) {
      CountingDevice counting = new CountingDevice(device);
      open(counting);
      ExtentSet read = counting.reads().seen();
      Random random = new Random(4);
      for (int i = 0; i < FLIPS; i++) {
        long offset = pick(read, random);
        Device flipped = MutatedDevice.flipped(device, offset, 1 << random.nextInt(8));
        CountingDevice watched = new CountingDevice(flipped);
        Optional<FileSystem> opened = tryOpen(watched);
        if (opened.isPresent()) {
          FileSystem fileSystem = opened.get();
          assertThat(fileSystem.size()).isLessThanOrEqualTo(device.size());
          assertThat(ExtentSet.of(0, fileSystem.size()).containsAll(fileSystem.free()))
              .as("free within the filesystem, byte 0x%x flipped", offset)
              .isTrue();
          assertThat(
                  watched
                      .reads()
                      .seen()
                      .subtract(mayBeReadThoughFree())
                      .overlaps(fileSystem.free()))
              .as("metadata called free, byte 0x%x flipped", offset)
              .isFalse();
        }
      }
    }
  }

  private static long pick(ExtentSet set, Random random) {
    // Small runs as often as large ones: structures that are read alone matter most.
    int index = random.nextInt(set.runs());
    Extent run = new Extent(set.start(index), set.end(index));
    return run.start() + random.nextLong(run.length());
  }

  /** The filesystem, or nothing if it was refused in a documented way. */
  private Optional<FileSystem> tryOpen(Device device) throws IOException {
    try {
      if (format().recognise(device).isEmpty()) {
        return Optional.empty();
      }
      return switch (format().open(device)) {
        case FileSystem fileSystem -> Optional.of(fileSystem);
        case Refused refused -> {
          assertThat(refused.refusal().reason()).isNotBlank().doesNotContain("\n");
          yield Optional.empty();
        }
        case Content other -> throw new AssertionError("neither filesystem nor refusal: " + other);
      };
    } catch (CorruptFormatException | UnsupportedFeatureException documented) {
      return Optional.empty();
    }
  }
}
