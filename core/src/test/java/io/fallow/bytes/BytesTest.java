package io.fallow.bytes;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

final class BytesTest {

  private static Bytes view(ByteOrder order, String hex) {
    MemorySegment memory = MemorySegment.ofArray(HexFormat.of().parseHex(hex));
    return new Bytes(memory, order, "disk.img", 0x50000);
  }

  private static void assertCorrupt(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(CorruptFormatException.class).hasMessage(message);
  }

  @Test
  void readsUnsignedNumbersInEitherOrder() throws CorruptFormatException {
    Bytes big = view(BIG_ENDIAN, "fffefdfcfbfaf9f8");
    assertThat(big.u8(0)).isEqualTo(0xff);
    assertThat(big.u16(0)).isEqualTo(0xfffe);
    assertThat(big.u32(0)).isEqualTo(0xfffefdfcL);
    assertThat(big.bits32(0)).isEqualTo(0xfffefdfc);
    assertThat(big.bits64(0)).isEqualTo(0xfffefdfcfbfaf9f8L);
    Bytes little = view(LITTLE_ENDIAN, "fffefdfcfbfaf978");
    assertThat(little.u16(0)).isEqualTo(0xfeff);
    assertThat(little.u32(0)).isEqualTo(0xfcfdfeffL);
    assertThat(little.u63(0)).isEqualTo(0x78f9fafbfcfdfeffL);
  }

  @Test
  void readsAtUnalignedOffsets() throws CorruptFormatException {
    Bytes bytes = view(BIG_ENDIAN, "00112233445566778899");
    assertThat(bytes.u16(1)).isEqualTo(0x1122);
    assertThat(bytes.u32(3)).isEqualTo(0x33445566L);
    assertThat(bytes.u63(1)).isEqualTo(0x1122334455667788L);
  }

  @Test
  void rejectsTheTopBitOfA63BitNumber() throws CorruptFormatException {
    Bytes bytes = view(BIG_ENDIAN, "00008000000000000001");
    assertThat(bytes.bits64(2)).isEqualTo(0x8000000000000001L);
    assertCorrupt(
        () -> bytes.u63(2),
        "disk.img at 0x50002: 64-bit number 0x8000000000000001 is absurdly large");
  }

  @Test
  void namesThePlaceOfAFieldOutsideTheStructure() {
    Bytes bytes = view(BIG_ENDIAN, "00112233");
    assertCorrupt(
        () -> bytes.u32(1),
        "disk.img at 0x50001: field of 4 bytes lies outside its structure of 4");
    assertCorrupt(
        () -> bytes.u8(4), "disk.img at 0x50004: field of 1 bytes lies outside its structure of 4");
    assertCorrupt(
        () -> bytes.bits64(0),
        "disk.img at 0x50000: field of 8 bytes lies outside its structure of 4");
  }

  @Test
  void noOffsetOrLengthEscapesTheCheck() {
    Bytes bytes = view(LITTLE_ENDIAN, "00112233");
    for (long at : new long[] {-1, -4, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 3}) {
      assertThatThrownBy(() -> bytes.u8(at)).isInstanceOf(CorruptFormatException.class);
      assertThatThrownBy(() -> bytes.u16(at)).isInstanceOf(CorruptFormatException.class);
      assertThatThrownBy(() -> bytes.u32(at)).isInstanceOf(CorruptFormatException.class);
      assertThatThrownBy(() -> bytes.bits32(at)).isInstanceOf(CorruptFormatException.class);
      assertThatThrownBy(() -> bytes.bits64(at)).isInstanceOf(CorruptFormatException.class);
      assertThatThrownBy(() -> bytes.uuid(at)).isInstanceOf(CorruptFormatException.class);
      assertThatThrownBy(() -> bytes.hasAscii(at, "a")).isInstanceOf(CorruptFormatException.class);
      assertThatThrownBy(() -> bytes.array(at, 1)).isInstanceOf(CorruptFormatException.class);
      assertThatThrownBy(() -> bytes.slice(at, 1)).isInstanceOf(CorruptFormatException.class);
      assertThatThrownBy(() -> bytes.slice(0, at)).isInstanceOf(CorruptFormatException.class);
    }
    assertThatThrownBy(() -> bytes.array(0, -1)).isInstanceOf(CorruptFormatException.class);
    assertThatThrownBy(() -> bytes.array(0, 5)).isInstanceOf(CorruptFormatException.class);
  }

  @Test
  void textEndsAtItsFirstNulOrItsField() throws CorruptFormatException {
    Bytes bytes = view(LITTLE_ENDIAN, "726f6f7400787878");
    assertThat(bytes.text(0, 8)).isEqualTo("root");
    assertThat(bytes.text(5, 3)).isEqualTo("xxx");
    assertThat(bytes.text(4, 1)).isEmpty();
    assertThat(view(LITTLE_ENDIAN, "c3a4ff").text(0, 3)).isEqualTo("ä\ufffd");
  }

  @Test
  void comparesAscii() throws CorruptFormatException {
    byte[] text = "SWAPSPACE2".getBytes(StandardCharsets.US_ASCII);
    Bytes bytes = new Bytes(MemorySegment.ofArray(text), LITTLE_ENDIAN, "swap", 0);
    assertThat(bytes.hasAscii(0, "SWAPSPACE2")).isTrue();
    assertThat(bytes.hasAscii(0, "SWAPSPACE1")).isFalse();
    assertThat(bytes.hasAscii(4, "SPACE")).isTrue();
  }

  @Test
  void uuidIsInNetworkOrderWhateverTheView() throws CorruptFormatException {
    String hex = "00112233445566778899aabbccddeeff";
    UUID expected = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    assertThat(view(LITTLE_ENDIAN, hex).uuid(0)).isEqualTo(expected);
    assertThat(view(BIG_ENDIAN, hex).uuid(0)).isEqualTo(expected);
  }

  @Test
  void sliceKeepsOrderSourceAndPlace() throws CorruptFormatException {
    Bytes slice = view(LITTLE_ENDIAN, "0011223344556677").slice(2, 4).slice(1, 3);
    assertThat(slice.size()).isEqualTo(3);
    assertThat(slice.origin()).isEqualTo(0x50003);
    assertThat(slice.u16(0)).isEqualTo(0x4433);
    assertCorrupt(
        () -> slice.u32(0),
        "disk.img at 0x50003: field of 4 bytes lies outside its structure of 3");
  }

  @Test
  void checkFormatsItsMessageWithThePlace() throws CorruptFormatException {
    Bytes bytes = view(BIG_ENDIAN, "0000");
    bytes.check(true, 1, "never %d", 1);
    assertCorrupt(
        () -> bytes.check(false, 1, "L2 entry 0x%016x has reserved bits set", 2L),
        "disk.img at 0x50001: L2 entry 0x0000000000000002 has reserved bits set");
  }

  @Test
  void exceptionsKeepTheirParts() {
    CorruptFormatException corrupt = new CorruptFormatException("disk.img", 0x400, "s_magic is 0");
    assertThat(corrupt.source()).isEqualTo("disk.img");
    assertThat(corrupt.offset()).isEqualTo(0x400);
    assertThat(corrupt.reason()).isEqualTo("s_magic is 0");
    UnsupportedFeatureException unsupported =
        new UnsupportedFeatureException("disk.img", java.util.List.of("journal_dev", "0x8000"));
    assertThat(unsupported)
        .hasMessage("disk.img: uses what Fallow does not support: journal_dev, 0x8000");
  }
}
