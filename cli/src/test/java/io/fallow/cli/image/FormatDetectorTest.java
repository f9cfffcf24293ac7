package io.fallow.cli.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.device.MemoryFile;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormatDetectorTest {

  private static final String QCOW2 = "QFI\u00fb\0\0\0\u0003";
  private static final String QCOW1 = "QFI\u00fb\0\0\0\u0001";

  private static MemoryFile file(String name) {
    return new MemoryFile(name, 1 << 20);
  }

  private static MemoryFile file(String name, long offset, String mark) {
    MemoryFile file = file(name);
    put(file, offset, mark);
    return file;
  }

  private static void put(MemoryFile file, long offset, String mark) {
    file.write(offset, MemorySegment.ofArray(mark.getBytes(StandardCharsets.ISO_8859_1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"disk.raw", "disk.img", "DISK.IMG", "disk", "vm-100-disk-0"})
  void plainBytesAreRaw(String name) throws Exception {
    assertThat(FormatDetector.detect(file(name), null)).isEqualTo(FormatChoice.RAW);
  }

  @ParameterizedTest
  @ValueSource(strings = {"disk.qcow2", "disk.qcow", "disk", "vm-100-disk-0"})
  void aHeaderIsEnoughWhereTheNameDoesNotContradict(String name) throws Exception {
    assertThat(FormatDetector.detect(file(name, 0, QCOW2), null)).isEqualTo(FormatChoice.QCOW2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"disk.raw", "disk.img"})
  void aHeaderInAFileThatIsNamedRawMayBeTheGuests(String name) throws Exception {
    MemoryFile file = file(name, 0, QCOW2);
    assertThatThrownBy(() -> FormatDetector.detect(file, null))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            name
                + ": could be a raw disk or a qcow2 image, as its name says one and its header the"
                + " other; use --format raw or --format qcow2");
    assertThat(FormatDetector.detect(file, FormatChoice.RAW)).isEqualTo(FormatChoice.RAW);
    assertThat(FormatDetector.detect(file, FormatChoice.QCOW2)).isEqualTo(FormatChoice.QCOW2);
    assertThat(FormatDetector.describe(file, null)).isEqualTo(FormatChoice.QCOW2);
  }

  @ParameterizedTest
  @CsvSource({"510, U\u00aa", "512, EFI PART", "4096, EFI PART", "1080, S\u00ef"})
  void marksOfBothAreAmbiguous(long offset, String mark) throws Exception {
    MemoryFile file = file("vm-100-disk-0", 0, QCOW2);
    put(file, offset, mark);
    assertThatThrownBy(() -> FormatDetector.detect(file, null))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("it has the marks of both; use --format raw or --format qcow2");
    assertThat(FormatDetector.detect(file, FormatChoice.RAW)).isEqualTo(FormatChoice.RAW);
  }

  @Test
  void aNameOfQcow2SettlesMarksOfBoth() throws Exception {
    MemoryFile file = file("disk.qcow2", 0, QCOW2);
    put(file, 512, "EFI PART");
    assertThat(FormatDetector.detect(file, null)).isEqualTo(FormatChoice.QCOW2);
  }

  @Test
  void aNameOfQcow2WithoutAHeaderIsNotGuessedToBeRaw() {
    assertThatThrownBy(() -> FormatDetector.detect(file("disk.qcow2"), null))
        .isInstanceOf(UsageException.class)
        .hasMessage("disk.qcow2: has no qcow2 header; if it is a raw disk, use --format raw");
  }

  @ParameterizedTest
  @CsvSource({
    "0, KDMV, VMDK",
    "0, # Disk DescriptorFile, VMDK",
    "0, vhdxfile, VHDX",
    "0, conectix, VHD",
    "1048064, conectix, VHD",
    "64, \u007f\u0010\u00da\u00be, VDI",
    "0, LUKS\u00ba\u00be, LUKS",
    "0, \u00fd7zXZ\0, xz-compressed"
  })
  void foreignImagesAreRefusedByName(long offset, String mark, String title) {
    assertThatThrownBy(() -> FormatDetector.detect(file("disk", offset, mark), null))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining(title + " files");
    assertThatThrownBy(() -> FormatDetector.describe(file("disk", offset, mark), null))
        .isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void versionOneOfQcowIsForeign() {
    assertThatThrownBy(() -> FormatDetector.detect(file("disk.qcow", 0, QCOW1), null))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("qcow version 1");
  }

  @Test
  void whatAGuestWritesIntoARawDiskDoesNotMakeItForeign() throws Exception {
    assertThat(FormatDetector.detect(file("disk.raw", 0, "KDMV"), null))
        .isEqualTo(FormatChoice.RAW);
    assertThat(FormatDetector.detect(file("disk", 0, "KDMV"), FormatChoice.RAW))
        .isEqualTo(FormatChoice.RAW);
  }

  @Test
  void tinyFilesAreRaw() throws Exception {
    for (int size : new int[] {0, 1, 4, 511}) {
      assertThat(FormatDetector.detect(new MemoryFile("disk", size), null))
          .isEqualTo(FormatChoice.RAW);
    }
  }
}
