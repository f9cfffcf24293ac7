package io.fallow.image.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.device.MemoryFile;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A header is read in full, and each field that breaks a rule is named. */
class Qcow2HeaderTest {

  @Test
  void readsAHeader() throws IOException {
    Qcow2Header header = Qcow2Header.read(Images.load("zstd"));
    assertThat(header.version()).isEqualTo(3);
    assertThat(header.clusterSize()).isEqualTo(16384);
    assertThat(header.refcountBits()).isEqualTo(32);
    assertThat(header.compressionType()).isEqualTo(CompressionType.ZSTD);
    assertThat(header.virtualSize()).isEqualTo(1 << 20);
    assertThat(header.dirty()).isFalse();
    assertThat(header.unknownExtensions()).isFalse();
  }

  @Test
  void readsSnapshots() throws IOException {
    assertThat(Images.open(Images.load("snapshots")).snapshots())
        .extracting(Snapshot::id, Snapshot::name, Snapshot::vmStateSize, Snapshot::virtualSize)
        .containsExactly(tuple("1", "first", 0L, 4L << 20), tuple("2", "second", 0L, 4L << 20));
  }

  @Test
  void recognisesTheMagicOnly() throws IOException {
    assertThat(Qcow2Image.recognise(Images.load("v2"))).isTrue();
    assertThat(Qcow2Image.recognise(new MemoryFile("zero", 4096))).isFalse();
    assertThat(Qcow2Image.recognise(new MemoryFile("empty", 0))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "0x14, 8, 'cluster_bits is 8, not between 9 and 21'",
    "0x14, 22, 'cluster_bits is 22, not between 9 and 21'",
    "0x24, 4194305, 'l1_size is 4194305: the table exceeds 32 MiB'",
    "0x24, 1, 'l1_size is 1: too small for a disk of 2097664 bytes'",
    "0x2C, 512, 'l1_table_offset 0x200 is not a multiple of the cluster size'",
    "0x34, 512, 'refcount_table_offset 0x200 is not a multiple of the cluster size'",
    "0x38, 2049, 'refcount_table_clusters is 2049: the table exceeds 8 MiB'",
    "0x38, 0, 'no refcount table'",
    "0x3C, 65537, 'nb_snapshots is 65537, above 65536'",
    "0x60, 7, 'refcount_order is 7, above 6'",
    "0x64, 96, 'header_length is 96, not between 104 and the cluster size of 4096'",
    "0x64, 108, 'header_length 108 is not a multiple of 8'",
    "0x64, 4104, 'header_length is 4104, not between 104 and the cluster size of 4096'",
  })
  void namesTheFieldThatIsWrong(String at, int value, String reason) {
    MemoryFile file = Images.load("v3");
    Images.putU32(file, Long.decode(at), value);
    assertThatThrownBy(() -> Images.open(file))
        .isInstanceOf(CorruptFormatException.class)
        .hasMessageStartingWith("v3 at 0x")
        .hasMessageEndingWith(reason);
  }

  @Test
  void refusesALongBackingName() {
    MemoryFile file = Qcow2GuestTest.overlay("base", 1 << 20);
    Images.putU32(file, 0x10, 1024);
    assertThatThrownBy(() -> Images.open(file))
        .isInstanceOf(CorruptFormatException.class)
        .hasMessageContaining("backing_file_size is 1024");
  }

  @ParameterizedTest
  @CsvSource({
    "0x04, 4, qcow2 version 4",
    "0x20, 1, AES encryption",
    "0x20, 2, LUKS encryption",
    "0x4C, 4, external data file",
    "0x4C, 16, extended L2 entries",
    "0x4C, 32, incompatible feature bit 5",
    "0x48, 1, incompatible feature bit 32",
  })
  void namesWhatIsNotSupported(String at, int value, String name) {
    MemoryFile file = Images.load("v3");
    Images.putU32(file, Long.decode(at), value);
    assertThatThrownBy(() -> Images.open(file))
        .isInstanceOfSatisfying(
            UnsupportedFeatureException.class, e -> assertThat(e.names()).containsExactly(name));
  }

  @Test
  void refusesPersistentBitmaps() {
    MemoryFile file = Images.load("v3");
    Images.putU32(file, 112, Qcow2.EXTENSION_BITMAPS);
    Images.putU32(file, 116, 24);
    assertThatThrownBy(() -> Images.open(file))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("persistent bitmaps");
  }
}
