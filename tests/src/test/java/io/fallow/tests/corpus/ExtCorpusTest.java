package io.fallow.tests.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.extent.Extent;
import io.fallow.format.Content;
import io.fallow.format.FileSystem;
import io.fallow.format.Refusal;
import io.fallow.format.Refused;
import io.fallow.fs.ext.ExtFormat;
import io.fallow.host.Access;
import io.fallow.host.LinuxFile;
import io.fallow.testkit.tools.Tools;
import io.fallow.tests.fs.E2fsprogs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged filesystems from e2fsprogs, and sound ones from ext4-view-rs. */
class ExtCorpusTest {

  private static final Duration LIMIT = Duration.ofSeconds(5);

  /**
   * Here e2fsck calls blocks used which the bitmaps, all counts and all checksums agree to be free:
   * only the extents of damaged inodes claim them. Finding that out takes a walk through every
   * inode, which is e2fsck's work.
   */
  private static final Set<String> ONLY_INODES_KNOW = Set.of("f_dup_ba");

  /** What e2fsck calls unclean and the cross-check lets pass. */
  private static final Set<String> PASS_THE_CROSS_CHECK =
      Set.of(
          // Names stand in another block than their hash says; every claim and link is right.
          "f_h_reindex");

  @TempDir private Path directory;

  @Test
  void damagedOnesEndInDocumentedWays() throws IOException {
    List<Path> images = images(Corpus.folder("e2fsprogs"));
    assertThat(images).hasSizeGreaterThan(100);
    for (Path image : images) {
      Assertions.assertTimeout(LIMIT, () -> outcome(image), image.toString());
    }
  }

  @Test
  void nothingInUseIsCalledFree() throws IOException {
    E2fsprogs.require();
    List<String> wrong = new ArrayList<>();
    for (Path image : images(Corpus.folder("e2fsprogs"))) {
      if (outcome(image) instanceof FileSystem found) {
        String report = Tools.attempt("e2fsck", "-fn", image).output();
        long blockSize = blockSize(image);
        for (long block : E2fsprogs.wronglyFree(report)) {
          if (found.free().overlaps(Extent.ofLength(block * blockSize, blockSize))) {
            wrong.add(image.getFileName().toString());
            break;
          }
        }
      }
    }
    assertThat(wrong).containsExactlyInAnyOrderElementsOf(ONLY_INODES_KNOW);
  }

  @Test
  void crossCheckRefusesWhatE2fsckCallsUnclean() throws IOException {
    E2fsprogs.require();
    Set<String> passed = new TreeSet<>();
    for (Path image : images(Corpus.folder("e2fsprogs"))) {
      boolean sound = Assertions.assertTimeout(LIMIT, () -> isSound(image), image.toString());
      if (sound && Tools.attempt("e2fsck", "-fn", image).exit() != 0) {
        passed.add(image.getFileName().toString());
      }
    }
    assertThat(passed).isEqualTo(PASS_THE_CROSS_CHECK);
  }

  @Test
  void soundOnesAgreeWithDumpe2fs() throws IOException {
    E2fsprogs.require();
    for (Path image : images(Corpus.folder("ext"))) {
      Content content = outcome(image);
      // This one was copied with a journal that was not replayed.
      if (image.getFileName().toString().startsWith("test_disk_4k_block_journal")) {
        assertThat(content)
            .isInstanceOfSatisfying(
                Refused.class,
                refused -> assertThat(refused.refusal().kind()).isEqualTo(Refusal.Kind.UNCLEAN));
      } else {
        assertThat(content)
            .as("%s", image)
            .isInstanceOfSatisfying(
                FileSystem.class, found -> assertThat(found.free()).isNotEmpty());
        assertThat(((FileSystem) content).free()).isEqualTo(E2fsprogs.free(image));
        assertThat(isSound(image)).as("%s", image).isTrue();
      }
    }
  }

  /** What opening gives; documented exceptions count as refusals. */
  private static Content outcome(Path image) throws IOException {
    try (LinuxFile file = LinuxFile.open(image, Access.READ)) {
      ExtFormat format = new ExtFormat();
      if (format.recognise(file).isEmpty()) {
        return refused(Refusal.Kind.UNKNOWN, "not recognised");
      }
      return format.open(file);
    } catch (CorruptFormatException e) {
      return refused(Refusal.Kind.CORRUPT, e.toString());
    } catch (UnsupportedFeatureException e) {
      return refused(Refusal.Kind.UNSUPPORTED, e.toString());
    }
  }

  /** Whether opening and the cross-check have nothing against an image. */
  private static boolean isSound(Path image) throws IOException {
    try (LinuxFile file = LinuxFile.open(image, Access.READ)) {
      ExtFormat format = new ExtFormat();
      return format.recognise(file).isPresent()
          && format.open(file) instanceof FileSystem found
          && found.crossCheck().isEmpty();
    } catch (CorruptFormatException | UnsupportedFeatureException e) {
      return false;
    }
  }

  private static Refused refused(Refusal.Kind kind, String reason) {
    return new Refused("ext", new Refusal(kind, reason));
  }

  private static long blockSize(Path image) throws IOException {
    try (InputStream file = Files.newInputStream(image)) {
      return 1024L << file.readNBytes(0x419)[0x418];
    }
  }

  /** Unpacks every image below a folder, named by its own folder where it is called "image". */
  private List<Path> images(Path folder) throws IOException {
    List<Path> packed;
    try (Stream<Path> files = Files.walk(folder, 2)) {
      packed = files.filter(Files::isRegularFile).sorted().toList();
    }
    List<Path> images = new ArrayList<>();
    for (Path file : packed) {
      String name = file.getFileName().toString();
      if (name.endsWith(".gz")) {
        try (InputStream image = new GZIPInputStream(Files.newInputStream(file))) {
          images.add(unpack(image, folder.relativize(file).getName(0).toString()));
        }
      } else if (name.endsWith(".zst")) {
        try (InputStream image = new ZstdInputStream(Files.newInputStream(file))) {
          images.add(unpack(image, name));
        }
      }
    }
    return images;
  }

  private Path unpack(InputStream image, String name) throws IOException {
    Path target = directory.resolve(name);
    // A folder may hold more than one file.
    for (int number = 2; Files.exists(target); number++) {
      target = directory.resolve(name + "-" + number);
    }
    Files.copy(image, target);
    return target;
  }
}
