package io.fallow.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.cli.report.TrimReport;
import io.fallow.cli.report.TrimReport.Verification;
import org.junit.jupiter.api.Test;

class TrimTextTest {

  private static final String HASH = "0123456789abcdef".repeat(4);

  private static String render(TrimReport report) {
    return new TrimText(Samples.terminal(80, false, true), Sizes.IEC).render(report);
  }

  @Test
  void tellsWhatCameBack() {
    assertThat(render(new TrimReport(false, 4 * Samples.GIB, Samples.GIB, null)))
        .isEqualTo("  released 3.0 GiB  on the host 4.0 GiB → 1.0 GiB\n");
  }

  @Test
  void tellsThatNothingCameBack() {
    assertThat(render(new TrimReport(false, Samples.GIB, Samples.GIB, null)))
        .isEqualTo("  nothing came back: on the host 1.0 GiB → 1.0 GiB\n");
  }

  @Test
  void tellsThatTheRestIsUnchanged() {
    Verification same = new Verification(Samples.GIB, HASH, HASH);
    assertThat(render(new TrimReport(false, 2 * Samples.GIB, Samples.GIB, same)))
        .endsWith(
            "  verified  the other 1.0 GiB of the disk are unchanged, SHA-256 0123456789abcdef\n");
  }

  @Test
  void tellsThatTheRestDiffers() {
    Verification other = new Verification(Samples.GIB, HASH, HASH.replace('0', '1'));
    assertThat(render(new TrimReport(false, 2 * Samples.GIB, Samples.GIB, other)))
        .endsWith("  NOT verified  the other 1.0 GiB of the disk differ\n");
  }
}
