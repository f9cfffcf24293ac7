package io.fallow.cli.image;

import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.device.Device;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which format a file has.
 *
 * <p>Content alone must not decide: the guest of a raw disk can write a qcow2 header into its first
 * sector, and have the host read whatever file it names there. So an explicit choice comes first,
 * the file's name second, and content last; where name and content contradict each other, or
 * content could be either, the user is asked.
 */
public final class FormatDetector {

  private static final int START = 512;
  private static final int END = 512;
  private static final byte[] QCOW_MAGIC = latin("QFI\u00fb");
  private static final byte[] QCOW_VERSION_1 = latin("QFI\u00fb\0\0\0\u0001");
  private static final byte[] BOOT_SIGNATURE = latin("U\u00aa");
  private static final byte[] GPT_SIGNATURE = latin("EFI PART");
  private static final byte[] EXT_MAGIC = latin("S\u00ef");

  private final Device file;
  private final String name;
  private final MemorySegment start;

  private FormatDetector(Device file) throws IOException {
    this.file = file;
    this.name = file.name().toLowerCase(Locale.ROOT);
    this.start = part(0, START);
  }

  /** Up to {@code length} bytes, as far as the file reaches. */
  private MemorySegment part(long offset, int length) throws IOException {
    long present = Math.clamp(file.size() - offset, 0, length);
    MemorySegment bytes = MemorySegment.ofArray(new byte[(int) present]);
    if (present > 0) {
      file.read(offset, bytes);
    }
    return bytes;
  }

  /**
   * The format in which to open a disk.
   *
   * @param asked the user's choice, or null
   * @throws UsageException if the user has to choose
   * @throws UnsupportedFeatureException if it is an image of a format that is not handled
   */
  public static FormatChoice detect(Device file, @Nullable FormatChoice asked) throws IOException {
    return new FormatDetector(file).detect(asked);
  }

  /**
   * The format by content alone: enough to describe a file, too little to open what it refers to.
   *
   * @throws UnsupportedFeatureException if it is an image of a format that is not handled
   */
  public static FormatChoice describe(Device file, @Nullable FormatChoice asked)
      throws IOException {
    FormatDetector detector = new FormatDetector(file);
    if (asked != null) {
      return detector.detect(asked);
    }
    if (detector.hasQcow2Header()) {
      return FormatChoice.QCOW2;
    }
    detector.refuseForeign();
    return FormatChoice.RAW;
  }

  private FormatChoice detect(@Nullable FormatChoice asked) throws IOException {
    if (asked == FormatChoice.RAW) {
      return FormatChoice.RAW;
    }
    boolean header = hasQcow2Header();
    if (asked == FormatChoice.QCOW2 || isNamed(".qcow2", ".qcow")) {
      if (!header) {
        refuseForeign();
        throw new UsageException(
            "%s: has no qcow2 header; if it is a raw disk, use --format raw"
                .formatted(file.name()));
      }
      return FormatChoice.QCOW2;
    }
    if (header && (isNamed(".raw", ".img") || looksLikeRawDisk())) {
      throw new UsageException(
          "%s: could be a raw disk or a qcow2 image, as %s; use --format raw or --format qcow2"
              .formatted(
                  file.name(),
                  looksLikeRawDisk()
                      ? "it has the marks of both"
                      : "its name says one and its header the other"));
    }
    if (header) {
      return FormatChoice.QCOW2;
    }
    if (!isNamed(".raw", ".img")) {
      refuseForeign();
    }
    return FormatChoice.RAW;
  }

  private boolean isNamed(String... endings) {
    for (String ending : endings) {
      if (name.endsWith(ending)) {
        return true;
      }
    }
    return false;
  }

  private boolean hasQcow2Header() {
    return ForeignFormat.has(start, 0, QCOW_MAGIC) && !ForeignFormat.has(start, 0, QCOW_VERSION_1);
  }

  /** Whether a disk's marks stand where a qcow2 header leaves room for them. */
  private boolean looksLikeRawDisk() throws IOException {
    return ForeignFormat.has(start, 510, BOOT_SIGNATURE)
        || ForeignFormat.has(part(512, GPT_SIGNATURE.length), 0, GPT_SIGNATURE)
        || ForeignFormat.has(part(4096, GPT_SIGNATURE.length), 0, GPT_SIGNATURE)
        || ForeignFormat.has(part(1080, EXT_MAGIC.length), 0, EXT_MAGIC);
  }

  private void refuseForeign() throws IOException {
    MemorySegment end = part(Math.max(0, file.size() - END), END);
    Optional<String> foreign = ForeignFormat.find(start, end);
    if (foreign.isPresent()) {
      throw new UnsupportedFeatureException(
          file.name(),
          List.of(
              foreign.get()
                  + " files (raw and qcow2 are handled; if it is a raw disk, use --format raw)"));
    }
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
