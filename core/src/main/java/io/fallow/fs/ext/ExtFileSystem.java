package io.fallow.fs.ext;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.extent.ExtentSet;
import io.fallow.format.FileSystem;
import io.fallow.format.Refusal;
import java.io.IOException;
import java.util.Optional;

/**
 * An ext2, ext3 or ext4 whose state was found to be clean and whose bitmaps agree.
 *
 * @param volume its layout, for {@link #crossCheck}
 * @param metadata the blocks of {@link MetadataMap}
 */
record ExtFileSystem(
    String type,
    String label,
    String uuid,
    long size,
    long blockSize,
    ExtentSet free,
    Volume volume,
    ExtentSet metadata)
    implements FileSystem {

  @Override
  public Optional<Refusal> crossCheck() throws IOException {
    try {
      CrossCheck.run(volume, metadata, free);
      return Optional.empty();
    } catch (CorruptFormatException e) {
      return Optional.of(new Refusal(Refusal.Kind.CORRUPT, String.valueOf(e.getMessage())));
    } catch (UnsupportedFeatureException e) {
      return Optional.of(new Refusal(Refusal.Kind.UNSUPPORTED, String.valueOf(e.getMessage())));
    }
  }
}
