package io.fallow.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.MemoryFile;
import io.fallow.format.Content;
import io.fallow.format.FileSystem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ExtFormatTest {

  static final List<String> NAMES = Fixture.NAMES;

  private final ExtFormat format = new ExtFormat();

  @ParameterizedTest
  @FieldSource("NAMES")
  void freeIsWhatDumpe2fsLists(String name) throws IOException {
    FileSystem found = open(Fixture.of(name));
    assertThat(found.free()).isEqualTo(Fixture.expectedFree(name));
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void identity(String name) throws IOException {
    Fixture fixture = Fixture.of(name);
    FileSystem found = open(fixture);
    assertThat(found.label()).isEqualTo(name);
    assertThat(found.uuid()).isEqualTo("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    assertThat(found.size()).isEqualTo(fixture.size());
    String type =
        switch (name) {
          case "ext2", "revision0", "groups" -> "ext2";
          case "ext3" -> "ext3";
          default -> "ext4";
        };
    assertThat(found.type()).isEqualTo(type);
    assertThat(format.recognise(fixture.file())).contains(type);
  }

  @Test
  void blockSizeIsTheUnitOfAllocation() throws IOException {
    assertThat(open(Fixture.of("ext2")).blockSize()).isEqualTo(1024);
    assertThat(open(Fixture.of("bigalloc")).blockSize()).isEqualTo(8192);
    assertThat(open(Fixture.of("block64k")).blockSize()).isEqualTo(65536);
  }

  @Test
  void deviceMayBeLarger() throws IOException {
    MemoryFile file = Fixture.of("ext4").file();
    long size = file.size();
    file.resize(size + 1_000_000);
    assertThat(format.open(file))
        .isInstanceOfSatisfying(
            FileSystem.class, found -> assertThat(found.size()).isEqualTo(size));
  }

  @Test
  void randomDataIsNotRecognised() throws IOException {
    Random random = new Random(42);
    byte[] noise = new byte[4096];
    for (int round = 0; round < 2000; round++) {
      random.nextBytes(noise);
      noise[0x438] = 0x53;
      noise[0x439] = (byte) 0xEF;
      assertThat(format.recognise(MemoryFile.of("noise", noise))).isEmpty();
    }
  }

  @Test
  void tinyDeviceIsNotRecognised() throws IOException {
    assertThat(format.recognise(new MemoryFile("tiny", 2047))).isEmpty();
    assertThat(format.recognise(new MemoryFile("tiny", 0))).isEmpty();
    assertThat(format.recognise(new MemoryFile("zero", 1 << 20))).isEmpty();
  }

  @Test
  void readsMetadataOnly() throws IOException {
    MemoryFile file = Fixture.of("uninit").file();
    FileSystem before = (FileSystem) format.open(file);
    byte[] noise = new byte[1024];
    new Random(1).nextBytes(noise);
    before.free().forEachRun((start, end) -> file.write(start, MemorySegment.ofArray(noise)));
    assertThat(((FileSystem) format.open(file)).free()).isEqualTo(before.free());
  }

  private FileSystem open(Fixture fixture) throws IOException {
    Content content = format.open(fixture.file());
    assertThat(content).isInstanceOf(FileSystem.class);
    return (FileSystem) content;
  }
}
