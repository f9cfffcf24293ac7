package io.fallow.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizesTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1.0 KiB",
    "1536, 1.5 KiB",
    "102348, 99.9 KiB",
    "102400, 100 KiB",
    "1048063, 1023 KiB",
    "1048064, 1.0 MiB",
    "1073741823, 1.0 GiB",
    "21474836480, 20.0 GiB",
    "9223372036854775807, 8.0 EiB"
  })
  void writesIecUnits(long bytes, String expected) {
    assertThat(Sizes.IEC.of(bytes)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "21474836480, 21474836480"})
  void writesExactBytes(long bytes, String expected) {
    assertThat(Sizes.BYTES.of(bytes)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {"-, -, 80", "120, 90, 120", "-, 90, 90", "abc, 90, 90", "5, -, 40", "9999, -, 160"})
  void takesTheFirstSensibleWidth(String environment, String property, int expected) {
    assertThat(Terminal.columns(environment, property)).isEqualTo(expected);
  }
}
