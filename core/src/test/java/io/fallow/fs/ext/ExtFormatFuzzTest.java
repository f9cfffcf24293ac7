package io.fallow.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.fallow.device.MemoryFile;
import io.fallow.format.Content;
import io.fallow.format.FileSystem;
import java.io.IOException;

/**
 * Bytes of metadata of a fixture are overwritten. The outcome is a documented exception, a refusal,
 * or a free set within the filesystem.
 */
class ExtFormatFuzzTest {

  /** Superblock, descriptors, bitmaps and the first inodes lie below this in most fixtures. */
  private static final int INTERESTING = 300 * 1024;

  @FuzzTest
  void damagedMetadata(FuzzedDataProvider data) throws IOException {
    Fixture fixture = Fixture.of(data.pickValue(Fixture.NAMES));
    while (data.remainingBytes() >= 4) {
      int at =
          data.consumeBoolean()
              ? 0x400 + data.consumeInt(0, 0x3FF)
              : data.consumeInt(0x400, Math.min(INTERESTING, fixture.size()) - 1);
      fixture.u8(at, data.consumeByte());
    }
    MemoryFile file = fixture.sign().file();
    try {
      if (new ExtFormat().recognise(file).isPresent()) {
        check(new ExtFormat().open(file), file.size());
      }
    } catch (io.fallow.bytes.CorruptFormatException
        | io.fallow.bytes.UnsupportedFeatureException e) {
      assertThat(e).hasMessageStartingWith("disk");
    }
  }

  private static void check(Content content, long size) {
    if (content instanceof FileSystem found) {
      assertThat(found.size()).isBetween(0L, size);
      if (!found.free().isEmpty()) {
        assertThat(found.free().start(0)).isGreaterThanOrEqualTo(2048);
        assertThat(found.free().end(found.free().runs() - 1)).isLessThanOrEqualTo(found.size());
      }
    }
  }
}
