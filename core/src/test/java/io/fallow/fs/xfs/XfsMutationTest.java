package io.fallow.fs.xfs;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.device.MemoryFile;
import io.fallow.extent.ExtentSet;
import io.fallow.format.Content;
import io.fallow.format.FileSystem;
import io.fallow.format.Refused;
import io.fallow.fs.xfs.FreeSpaceBtree.Order;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changed metadata never frees a byte that was in use, and never ends in another exception. */
class XfsMutationTest {

  private static final int ROUNDS = 600;

  /** One changed field of any width, with right checksums: at most it changes nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"v5", "v5-deep", "v4"})
  void neverFreesMoreForOneChangedField(String name) throws IOException {
    Random random = new Random(name.hashCode());
    XfsImage image = XfsImage.load(name);
    ExtentSet free = image.openClean().free();
    XfsImage places = XfsImage.load(name);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long at = anyMetadata(places, random.nextInt(1 << 16)) & ~3;
      long before = image.u32(at);
      long value = anyValue(random, before);
      ExtentSet now = free(image.put32(at, value).seal());
      image.put32(at, before);
      assertThat(free.containsAll(now)).as("0x%x at 0x%x", value, at).isTrue();
      refused += now.isEmpty() ? 1 : 0;
    }
    assertThat(refused).isGreaterThan(ROUNDS / 10);
  }

  @FuzzTest
  void anyChangesEndWithAnAnswer(FuzzedDataProvider data) throws IOException {
    XfsImage image = XfsImage.load(data.pickValue(new String[] {"v5", "v5-deep", "v4"}));
    for (int i = 0; i < 64 && data.remainingBytes() > 0; i++) {
      long at = anyMetadata(image, data.consumeInt(0, (1 << 16) - 1));
      if (data.consumeBoolean()) {
        image.put8(at, data.consumeByte());
      } else {
        image.put32(at & ~3, data.consumeInt());
      }
    }
    if (data.consumeBoolean()) {
      image.seal();
    }
    free(image);
  }

  @FuzzTest
  void anyBytesEndWithAnAnswer(byte[] content) throws IOException {
    MemoryFile file = MemoryFile.of("fuzz", content);
    file.resize(64L << 20);
    free(file);
  }

  private static ExtentSet free(XfsImage image) throws IOException {
    return free(image.file());
  }

  private static ExtentSet free(MemoryFile file) throws IOException {
    try {
      XfsFormat format = new XfsFormat();
      if (format.recognise(file).isEmpty()) {
        return ExtentSet.empty();
      }
      Content content = format.open(file);
      if (content instanceof FileSystem xfs) {
        assertThat(xfs.size()).isLessThanOrEqualTo(file.size());
        assertThat(ExtentSet.of(0, xfs.size()).containsAll(xfs.free())).isTrue();
        return xfs.free();
      }
      assertThat(content).isInstanceOf(Refused.class);
    } catch (CorruptFormatException | UnsupportedFeatureException expected) {
      assertThat(expected).hasMessageStartingWith(file.name());
    }
    return ExtentSet.empty();
  }

  /** A place in one of the structures that are read, by two bytes of choice. */
  private static long anyMetadata(XfsImage image, int choice) {
    int agno = choice & 1;
    int within = choice >>> 4;
    return switch (choice >>> 1 & 7) {
      case 0 -> image.superblock(agno) + within % 0x110;
      case 1 -> image.agf(agno) + within % 0xE0;
      case 2 -> image.agi(agno) + within % 0x150;
      case 3 -> image.agfl(agno) + within % 0x60;
      case 4, 5 -> image.root(agno, Order.BNOBT) + within % 0x80;
      case 6 -> image.root(agno, Order.CNTBT) + within % 0x80;
      default -> image.log(image.unmountRecord()) + within % 0x600 - 0x100;
    };
  }

  private static long anyValue(Random random, long before) {
    return switch (random.nextInt(6)) {
      case 0 -> 0;
      case 1 -> -1;
      case 2 -> before + 1;
      case 3 -> before - 1;
      case 4 -> before ^ 1L << random.nextInt(32);
      default -> random.nextInt();
    };
  }
}
