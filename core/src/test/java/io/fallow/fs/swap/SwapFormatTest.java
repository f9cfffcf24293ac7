package io.fallow.fs.swap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.device.MemoryFile;
import io.fallow.extent.ExtentSet;
import io.fallow.format.FileSystem;
import io.fallow.format.Refusal;
import io.fallow.format.Refused;
import io.fallow.volume.Disks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SwapFormatTest {

  private final SwapFormat format = new SwapFormat();

  @ParameterizedTest
  @ValueSource(ints = {4096, 8192, 65536})
  void readsWhatMkswapWrote(int page) throws IOException {
    MemoryFile disk = Disks.disk("swap-" + page);
    assertThat(format.recognise(disk)).contains("swap");
    FileSystem swap = (FileSystem) format.open(disk);
    assertThat(swap.type()).isEqualTo("swap");
    assertThat(swap.label()).isEqualTo("fallow");
    assertThat(swap.uuid()).isEqualTo("f2a10000-0000-4000-8000-000000000005");
    assertThat(swap.size()).isEqualTo(1 << 20);
    assertThat(swap.blockSize()).isEqualTo(page);
    assertThat(swap.free()).isEqualTo(ExtentSet.of(page, 1 << 20));
  }

  @Test
  void readsOtherByteOrder() throws IOException {
    byte[] content = Disks.bytes("swap-4096");
    ByteBuffer big = ByteBuffer.wrap(content).order(ByteOrder.BIG_ENDIAN);
    big.putInt(0x400, 1).putInt(0x404, 99).putInt(0x408, 1).putInt(0x600, 7);
    FileSystem swap = (FileSystem) format.open(Disks.sparse(content));
    assertThat(swap.size()).isEqualTo(100 * 4096);
    assertThat(swap.free())
        .isEqualTo(ExtentSet.of(4096, 7 * 4096).union(ExtentSet.of(8 * 4096, 100 * 4096)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0x400 | 2    | 0x400: version 2 is not 1
          0x404 | 0    | 0x404: last_page 0 is not in 1..255
          0x404 | 256  | 0x404: last_page 256 is not in 1..255
          0x408 | 638  | 0x408: nr_badpages 638 is above 637
          0x408 | 1    | 0x600: badpages[0] is 0, not in 1..255
          """)
  void refusesBadField(String at, int value, String message) {
    byte[] content = Disks.bytes("swap-4096");
    Disks.edit(content).putInt(Integer.decode(at), value);
    assertThatExceptionOfType(CorruptFormatException.class)
        .isThrownBy(() -> format.open(Disks.sparse(content)))
        .withMessageStartingWith("disk at " + message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"S1SUSPEND", "S2SUSPEND", "ULSUSPEND", "LINHIB0001"})
  void refusesSuspendedGuest(String magic) throws IOException {
    for (int page : new int[] {4096, 8192, 65536}) {
      byte[] content = Disks.bytes("swap-" + page);
      byte[] bytes = magic.getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(bytes, 0, content, page - 10, bytes.length);
      assertSuspended(content);
    }
  }

  @Test
  void refusesTuxOnIce() throws IOException {
    byte[] content = Disks.bytes("swap-4096");
    ByteBuffer.wrap(content).putLong(0, 0xEDC3_02E9_9856_E50CL);
    assertSuspended(content);
  }

  @Test
  void refusesVersion0() {
    byte[] content = Disks.bytes("swap-4096");
    System.arraycopy("SWAP-SPACE".getBytes(StandardCharsets.US_ASCII), 0, content, 4086, 10);
    assertThatExceptionOfType(UnsupportedFeatureException.class)
        .isThrownBy(() -> format.open(Disks.sparse(content)))
        .withMessage("disk: uses what Fallow does not support: swap version 0");
  }

  @Test
  void refusesTwoPageSizes() throws IOException {
    byte[] content = Disks.bytes("swap-4096");
    System.arraycopy(content, 4086, content, 65526, 10);
    assertThat(((Refused) format.open(Disks.sparse(content))).refusal().kind())
        .isEqualTo(Refusal.Kind.AMBIGUOUS);
  }

  @Test
  void isNothingElse() throws IOException {
    assertThat(format.recognise(Disks.disk("gpt"))).isEmpty();
    assertThat(format.recognise(new MemoryFile("disk", 100))).isEmpty();
  }

  private void assertSuspended(byte[] content) throws IOException {
    MemoryFile disk = Disks.sparse(content);
    assertThat(format.recognise(disk)).contains("swsuspend");
    assertThat(((Refused) format.open(disk)).refusal().kind()).isEqualTo(Refusal.Kind.HIBERNATED);
  }
}
