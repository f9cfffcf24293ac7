package io.fallow.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Crc16Test {

  private static final MemorySegment DIGITS =
      MemorySegment.ofArray("123456789".getBytes(StandardCharsets.US_ASCII));

  @Test
  void publishedCheckValues() {
    assertThat(Crc16.of(0, DIGITS)).isEqualTo(0xBB3D);
    assertThat(Crc16.of(Crc16.START, DIGITS)).isEqualTo(0x4B37);
  }

  @Test
  void numbersAreFedInLittleEndianOrder() {
    int digits = '1' | '2' << 8 | '3' << 16 | '4' << 24;
    assertThat(Crc16.u32le(Crc16.START, digits))
        .isEqualTo(Crc16.of(Crc16.START, DIGITS.asSlice(0, 4)));
  }
}
