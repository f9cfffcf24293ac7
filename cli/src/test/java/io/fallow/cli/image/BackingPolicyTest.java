package io.fallow.cli.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fallow.host.Access;
import io.fallow.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackingPolicyTest {

  @TempDir private Path directory;
  private Path images = Path.of("");
  private Path overlay = Path.of("");

  @BeforeEach
  void makeFiles() throws IOException {
    images = directory.resolve("images");
    Files.createDirectories(images.resolve("old"));
    overlay = Files.write(images.resolve("overlay.qcow2"), new byte[1]);
    Files.write(images.resolve("base.raw"), new byte[512]);
    Files.write(images.resolve("old/base.raw"), new byte[1024]);
    Files.write(directory.resolve("secret.raw"), new byte[2048]);
    Files.createSymbolicLink(images.resolve("link.raw"), directory.resolve("secret.raw"));
  }

  private long sizeOf(@Nullable Path root, String name, String format) throws IOException {
    try (Image image = BackingPolicy.of(overlay, root, Access.READ).open(name, format)) {
      assertThat(image.file().writable()).isFalse();
      return image.guest().size();
    }
  }

  @Test
  void opensWhatLiesInTheImagesDirectoryOrBelow() throws Exception {
    assertThat(sizeOf(null, "base.raw", "raw")).isEqualTo(512);
    assertThat(sizeOf(null, "old/base.raw", "raw")).isEqualTo(1024);
    assertThat(sizeOf(null, images.resolve("base.raw").toString(), "raw")).isEqualTo(512);
  }

  @Test
  void opensNothingOutsideIt() {
    String absolute = directory.resolve("secret.raw").toString();
    for (String name :
        new String[] {"../secret.raw", "old/../../secret.raw", "link.raw", absolute}) {
      assertThatThrownBy(() -> sizeOf(null, name, "raw"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("it lies outside")
          .hasMessageContaining("--backing-root");
    }
  }

  @Test
  void opensWhatLiesBelowTheRootThatTheUserAllows() throws Exception {
    assertThat(sizeOf(directory, "../secret.raw", "raw")).isEqualTo(2048);
    assertThatThrownBy(() -> sizeOf(images.resolve("old"), "base.raw", "raw"))
        .hasMessageContaining("it lies outside");
  }

  @Test
  void neverGuessesAFormat() {
    assertThatThrownBy(() -> sizeOf(null, "base.raw", ""))
        .hasMessageContaining("formats are not guessed");
    assertThatThrownBy(() -> sizeOf(null, "base.raw", "vmdk"))
        .hasMessageContaining("its format vmdk is not handled");
  }

  @Test
  void neverFollowsDescriptions() {
    assertThatThrownBy(() -> sizeOf(null, "json:{\"driver\":\"raw\"}", "raw"))
        .hasMessageContaining("JSON description");
  }

  @Test
  void saysWhatIsMissing() {
    assertThatThrownBy(() -> sizeOf(null, "gone.raw", "raw"))
        .hasMessageContaining("it cannot be found in " + images);
    assertThatThrownBy(() -> sizeOf(null, "a\0b", "raw")).hasMessageContaining("no path");
  }
}
