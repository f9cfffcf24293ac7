package io.fallow.fs.xfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.MemoryFile;
import io.fallow.extent.ExtentSet;
import io.fallow.format.FileSystem;
import io.fallow.format.Refusal.Kind;
import io.fallow.format.Refused;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Golden images, made by mkfs.xfs and the kernel, as they are. */
class XfsFormatTest {

  @Test
  void readsVersion5() throws IOException {
    FileSystem xfs = XfsImage.load("v5").openClean();
    assertThat(xfs.type()).isEqualTo("xfs");
    assertThat(xfs.label()).isEqualTo("golden");
    assertThat(xfs.uuid()).isEqualTo("11111111-2222-3333-4444-555555555555");
    assertThat(xfs.size()).isEqualTo(32L << 20);
    assertThat(xfs.blockSize()).isEqualTo(4096);
    assertThat(xfs.free())
        .isEqualTo(
            ExtentSet.builder()
                .add(53248, 65536)
                .add(303104, 16777216)
                .add(29458432, 29560832)
                .add(30064640, 33554432)
                .build());
  }

  @Test
  void readsBtreesOfSeveralLevels() throws IOException {
    FileSystem xfs = XfsImage.load("v5-deep").openClean();
    assertThat(xfs.free().runs()).isEqualTo(704);
    assertThat(xfs.free().total()).isEqualTo(46885888);
  }

  @Test
  void readsVersion4WithVersion1Log() throws IOException {
    FileSystem xfs = XfsImage.load("v4").openClean();
    assertThat(xfs.blockSize()).isEqualTo(512);
    assertThat(xfs.free().runs()).isEqualTo(140);
    assertThat(xfs.free().total()).isEqualTo(30946304);
  }

  @Test
  void refusesTheCopyOfMountedFilesystem() throws IOException {
    assertThat(XfsImage.load("v5-dirty").open())
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.type()).isEqualTo("xfs");
              assertThat(refused.refusal().kind()).isEqualTo(Kind.UNCLEAN);
              assertThat(refused.refusal().reason())
                  .contains("v5-dirty at 0x", "the log is dirty", "mount and unmount");
            });
  }

  @Test
  void recognisesTheMagicNumberAlone() throws IOException {
    XfsFormat format = new XfsFormat();
    byte[] content = new byte[512];
    assertThat(format.recognise(MemoryFile.of("zero", content))).isEmpty();
    System.arraycopy("XFSB".getBytes(StandardCharsets.US_ASCII), 0, content, 0, 4);
    assertThat(format.recognise(MemoryFile.of("magic", content))).contains("xfs");
    assertThat(format.recognise(MemoryFile.of("short", "XFSB".getBytes(StandardCharsets.US_ASCII))))
        .isEmpty();
  }
}
