package io.fallow.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.format.FileSystem;
import io.fallow.format.Refusal;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever stands in inodes and directories, the walk ends with a refusal or without a word. */
class CrossCheckFuzzTest {

  /** Those without checksums of metadata: damage reaches the parsers. */
  private static final List<String> BARE =
      List.of("ext2", "revision0", "groups", "ext3", "uninit", "block64k", "bigalloc", "ext4");

  @FuzzTest
  void damage(FuzzedDataProvider data) throws IOException {
    Fixture fixture = Fixture.of(data.pickValue(BARE));
    while (data.remainingBytes() >= 4) {
      fixture.u8(data.consumeInt(0x400, fixture.size() - 1), data.consumeByte());
    }
    check(fixture);
  }

  @Test
  void randomDamageOfInodesAndDirectories() throws IOException {
    Random random = new Random(4711);
    int refused = 0;
    for (int round = 0; round < 200; round++) {
      Fixture fixture = Fixture.of(BARE.get(random.nextInt(BARE.size())));
      int table = fixture.blockAt(fixture.descriptor(0) + 8);
      int size = fixture.u32(0x44C) == 0 ? 128 : fixture.u16(0x458);
      for (int change = 0; change <= random.nextInt(3); change++) {
        int inode = table + random.nextInt(40) * size;
        int inRoot = fixture.blockAt(table + size + 0x28);
        int at =
            random.nextInt(4) == 0 ? inRoot + random.nextInt(512) : inode + random.nextInt(160);
        fixture.u8(Math.min(Math.max(at, 0x800), fixture.size() - 1), random.nextInt(256));
      }
      refused += check(fixture) ? 1 : 0;
    }
    assertThat(refused).isBetween(40, 200);
  }

  /** Whether the filesystem is refused. */
  private static boolean check(Fixture fixture) throws IOException {
    try {
      if (new ExtFormat().open(fixture.file()) instanceof FileSystem found) {
        return found
            .crossCheck()
            .map(refusal -> {
              assertThat(refusal.kind()).isIn(Refusal.Kind.CORRUPT, Refusal.Kind.UNSUPPORTED);
              assertThat(refusal.reason()).startsWith("disk");
              return true;
            })
            .orElse(false);
      }
      return true;
    } catch (CorruptFormatException | UnsupportedFeatureException e) {
      return true;
    }
  }
}
