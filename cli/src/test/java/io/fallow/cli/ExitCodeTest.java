package io.fallow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.cli.image.UsageException;
import io.fallow.device.HostException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The exit codes that users rely on. */
class ExitCodeTest {

  @Test
  void numbersAreFixed() {
    assertThat(List.of(ExitCode.values()).stream().map(ExitCode::code))
        .containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void ofSeveralImagesTheWorstWins() {
    List<ExitCode> fromWorst =
        List.of(
            ExitCode.FAILURE,
            ExitCode.IN_USE,
            ExitCode.CANNOT_DISCARD,
            ExitCode.USAGE,
            ExitCode.REFUSED,
            ExitCode.DONE);
    for (int i = 0; i < fromWorst.size(); i++) {
      List<ExitCode> rest = fromWorst.subList(i, fromWorst.size());
      assertThat(ExitCode.worst(rest.reversed())).isEqualTo(fromWorst.get(i));
    }
    assertThat(ExitCode.worst(List.of())).isEqualTo(ExitCode.DONE);
  }

  @Test
  void exceptionsHaveTheirCodes() {
    assertThat(codeOf(new UsageException("which?"))).isEqualTo(ExitCode.USAGE);
    assertThat(codeOf(new UnsupportedFeatureException("disk", List.of("extended L2 entries"))))
        .isEqualTo(ExitCode.REFUSED);
    assertThat(codeOf(new CorruptFormatException("disk", 0, "no"))).isEqualTo(ExitCode.FAILURE);
    assertThat(codeOf(host("punch", HostException.EOPNOTSUPP))).isEqualTo(ExitCode.CANNOT_DISCARD);
    assertThat(codeOf(host("lock", HostException.EOPNOTSUPP))).isEqualTo(ExitCode.FAILURE);
    assertThat(codeOf(host("punch", HostException.EIO))).isEqualTo(ExitCode.FAILURE);
    assertThat(codeOf(new IOException("no"))).isEqualTo(ExitCode.FAILURE);
    assertThat(codeOf(new IllegalStateException("no"))).isEqualTo(ExitCode.FAILURE);
    assertThat(codeOf(new OutOfMemoryError())).isEqualTo(ExitCode.FAILURE);
  }

  @Test
  void messagesSayWhatToDo() {
    assertThat(Failure.of(host("open", HostException.ENOENT)).message())
        .isEqualTo("disk: open failed: text; check the path");
    assertThat(Failure.of(host("punch", HostException.EOPNOTSUPP)).message())
        .endsWith("copy the image to a filesystem such as ext4, XFS or btrfs");
    assertThat(Failure.of(new IOException("two\nlines")).message()).isEqualTo("two lines");
    assertThat(Failure.of(new IllegalStateException("no")).message())
        .isEqualTo(
            "a defect of Fallow, java.lang.IllegalStateException: no: run again with --debug and"
                + " report what it prints");
  }

  @Test
  void whatFailsOnAnImageInUseIsNoCorruption() {
    Failure failure = Failure.whileInUse(new CorruptFormatException("disk", 0, "no"));
    assertThat(failure.code()).isEqualTo(ExitCode.IN_USE);
    assertThat(failure.message()).contains("another process uses the image");
    assertThat(Failure.whileInUse(new UsageException("which?")).code()).isEqualTo(ExitCode.USAGE);
  }

  private static ExitCode codeOf(Throwable cause) {
    return Failure.of(cause).code();
  }

  private static HostException host(String operation, int errno) {
    return new HostException("disk", operation, errno, "text", null);
  }
}
