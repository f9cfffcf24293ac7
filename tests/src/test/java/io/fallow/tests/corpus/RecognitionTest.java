package io.fallow.tests.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.format.Content;
import io.fallow.format.Layer;
import io.fallow.format.Refused;
import io.fallow.stack.Node;
import io.fallow.stack.Stack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a disk holds is called what libblkid calls it, or is refused. */
class RecognitionTest {

  private static final Duration LIMIT = Duration.ofSeconds(5);

  /** libblkid's names where ours differ, or where an image is ambiguous. */
  private static final Map<String, String> OTHER_NAMES =
      Map.of(
          // A second LUKS 2 header is still there, behind the swap area's.
          "swap-luks", "swap+crypto_LUKS",
          // One signature for both kinds of device.
          "scoutfs_meta", "scoutfs",
          "scoutfs_data", "scoutfs");

  private static final Set<String> UNDERSTOOD =
      Set.of("ext2", "ext3", "ext4", "xfs", "swap", "swsuspend", "jbd");

  @TestFactory
  Stream<DynamicTest> namesFileSystems() throws IOException {
    Path folder = Corpus.folder("util-linux-blkid");
    return Corpus.files(folder.resolve("images-fs"), ".img.xz").stream()
        .map(image ->
            DynamicTest.dynamicTest(
                name(image), () -> checkFileSystem(image, folder.resolve("expected"))));
  }

  private static void checkFileSystem(Path image, Path folder) throws IOException {
    String name = name(image);
    Node node = read(image);
    Path expected = folder.resolve("low-probe-" + name);
    if (!Files.exists(expected)) {
      assertThat(node.content()).isInstanceOf(Refused.class);
      return;
    }
    String type =
        Files.readAllLines(expected).stream()
            .filter(line -> line.startsWith("ID_FS_TYPE="))
            .map(line -> line.substring("ID_FS_TYPE=".length()))
            .findFirst()
            .orElseThrow();
    Content content = node.content();
    if (OTHER_NAMES.containsKey(name)) {
      assertThat(content.type()).isEqualTo(OTHER_NAMES.get(name));
    } else if (!isWaiting(type, content)) {
      assertThat(content.type()).isEqualTo(type);
    }
    if (!UNDERSTOOD.contains(type)) {
      assertThat(content).isInstanceOf(Refused.class);
    }
  }

  /** A format that is understood once it is registered is unknown until then. */
  private static boolean isWaiting(String type, Content content) {
    return Set.of("ext2", "ext3", "ext4", "xfs", "jbd").contains(type)
        && content instanceof Refused refused
        && refused.type().equals("unknown");
  }

  @TestFactory
  Stream<DynamicTest> endsWithForeignPartitionTables() throws IOException {
    Path folder = Corpus.folder("util-linux-blkid");
    return Corpus.files(folder.resolve("images-pt"), ".img.xz").stream()
        .map(image -> DynamicTest.dynamicTest(name(image), () -> read(image)));
  }

  @TestFactory
  Stream<DynamicTest> endsWithFatAndPartitionedImages() throws IOException {
    Path folder = Corpus.folder("fat-gpt-mbr");
    return Stream.of(".gz", ".bin", ".xz")
        .flatMap(suffix -> {
          try {
            return Corpus.files(folder, suffix).stream();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        })
        .map(image -> DynamicTest.dynamicTest(image.getFileName().toString(), () -> read(image)));
  }

  /** As {@code sfdisk -J} reads them. */
  @Test
  void readsPartitionsAsSfdiskDoes() throws IOException {
    assertPartitions("gpt-512-0p.raw.gz", 512, List.of());
    assertPartitions("gpt-512-3p.raw.gz", 512, List.of("1:34+31", "2:65+64", "3:129+1886"));
    assertPartitions("mbr-512-p1e2.bin.gz", 512, List.of("2:1025+1023", "5:2+511", "6:514+511"));
    assertPartitions("mbr-512-p1e2_2.bin.gz", 512, List.of("1:1+64", "5:66+35", "6:102+1946"));
    assertPartitions("mbr-4096-p1e0.bin.gz", 4096, List.of("1:1+125"));
    assertPartitions("mbr-4096-p1e1.bin.gz", 4096, List.of("1:3+2", "5:9+3"));
  }

  private static void assertPartitions(String image, long sector, List<String> expected)
      throws IOException {
    Node node = read(Corpus.folder("fat-gpt-mbr").resolve(image));
    assertThat(node.content()).as(image).isInstanceOf(Layer.class);
    List<String> found =
        ((Layer) node.content())
            .children().stream().map(child -> partition(child, sector)).toList();
    assertThat(found).as(image).isEqualTo(expected);
  }

  private static String partition(Layer.Child child, long sector) {
    Extent place = child.place();
    return "%s:%d+%d".formatted(child.name(), place.start() / sector, place.length() / sector);
  }

  private static Node read(Path image) throws IOException {
    MemoryFile disk = Corpus.unpack(image);
    return assertTimeout(LIMIT, () -> Stack.of(disk));
  }

  private static String name(Path image) {
    return image.getFileName().toString().replaceFirst("\\.img\\.xz$", "");
  }
}
