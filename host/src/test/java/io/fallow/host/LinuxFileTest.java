package io.fallow.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation, on the filesystem of the temporary directory and on tmpfs. */
@ParameterizedClass
@ValueSource(strings = {"/var/tmp", "/dev/shm"})
class LinuxFileTest {

  private static final long GIB = 1L << 30;

  private final String parent;
  private Path directory;
  private Path path;
  private LinuxFile file;

  LinuxFileTest(String parent) {
    this.parent = parent;
  }

  @BeforeEach
  void create() throws IOException {
    directory = Files.createTempDirectory(Path.of(parent), "fallow");
    path = Files.createFile(directory.resolve("disk.raw"));
    file = LinuxFile.open(path, Access.WRITE);
  }

  @AfterEach
  void delete() throws IOException {
    file.close();
    try (var files = Files.list(directory)) {
      for (Path each : files.toList()) {
        Files.delete(each);
      }
    }
    Files.delete(directory);
  }

  @Test
  void whatIsWrittenIsReadBackFromHeapAndNativeMemory() throws IOException {
    byte[] content = random(3 * Libc.SCRATCH + 777);
    file.write(4096 + 13, MemorySegment.ofArray(content));
    assertThat(file.size()).isEqualTo(4096 + 13 + content.length);
    assertThat(read(4096 + 13, content.length)).isEqualTo(content);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(content.length);
      file.read(4096 + 13, memory);
      assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(content);
      memory.fill((byte) 7);
      file.write(0, memory);
      assertThat(read(content.length - 1, 1)).containsExactly(7);
    }
    assertThat(Files.size(path)).isEqualTo(file.size());
  }

  @Test
  void offsetsBeyondFourGibibytesAreExact() throws IOException {
    file.resize(9 * GIB);
    byte[] content = random(5000);
    file.write(8 * GIB - 2500, MemorySegment.ofArray(content));
    assertThat(read(8 * GIB - 2500, 5000)).isEqualTo(content);
    assertThat(read(4 * GIB - 2500, 5000)).containsOnly(0);
    ExtentSet taken = file.allocated(file.extent());
    assertThat(taken.contains(new Extent(8 * GIB - 2500, 8 * GIB + 2500))).isTrue();
    assertThat(taken.total()).isLessThanOrEqualTo(1 << 20);
    file.punch(new Extent(8 * GIB, 9 * GIB));
    assertThat(read(8 * GIB, 2500)).containsOnly(0);
    assertThat(file.allocated(new Extent(8 * GIB, 9 * GIB)).isEmpty()).isTrue();
    assertThat(file.size()).isEqualTo(9 * GIB);
  }

  @Test
  void readsUpToTheEndAndNotBeyond() throws IOException {
    file.write(0, MemorySegment.ofArray(random(1000)));
    assertThat(read(990, 10)).hasSize(10);
    assertThat(read(1000, 0)).isEmpty();
    assertThatThrownBy(() -> read(991, 10))
        .isInstanceOf(CorruptFormatException.class)
        .hasMessage(path + " at 0x3df: 10 bytes end beyond the file's size of 1000");
    assertThatThrownBy(() -> read(Long.MAX_VALUE, 10)).isInstanceOf(CorruptFormatException.class);
    assertThatThrownBy(() -> read(-1, 1)).isInstanceOf(CorruptFormatException.class);
  }

  @Test
  void aFileThatAnotherProcessCutIsReported() throws IOException {
    file.write(0, MemorySegment.ofArray(random(10_000)));
    try (LinuxFile other = LinuxFile.open(path, Access.READ_UNLOCKED)) {
      file.resize(5000);
      assertThatThrownBy(() -> other.read(0, MemorySegment.ofArray(new byte[10_000])))
          .hasMessageEndingWith("read failed: the file ends at 0x1388: another process has cut it");
      assertThatThrownBy(other::verifyUnchanged)
          .hasMessage(path + ": another process has changed its size from 10000 to 5000 bytes");
    }
  }

  @Test
  void aPunchGivesWholeBlocksBackAndZeroesTheRest() throws IOException {
    file.write(0, MemorySegment.ofArray(filled(1 << 20)));
    long before = file.allocatedBytes();
    file.punch(new Extent(100_000, 900_000));
    assertThat(before - file.allocatedBytes()).isBetween(780_000L, 800_000L);
    assertThat(file.size()).isEqualTo(1 << 20);
    assertThat(read(100_000, 800_000)).containsOnly(0);
    assertThat(read(0, 100_000)).containsOnly(1);
    assertThat(read(900_000, (1 << 20) - 900_000)).containsOnly(1);
    long block = file.limits().granularity();
    assertThat(file.allocated(file.extent()).complement(file.extent()))
        .isEqualTo(ExtentSet.of(100_000, 900_000).alignInward(block));
  }

  @Test
  void anEmptyPunchDoesNothing() throws IOException {
    file.punch(new Extent(5, 5));
    assertThat(file.size()).isZero();
  }

  @Test
  void allocationIsKnownBeforeItReachesTheDisk() throws IOException {
    file.resize(GIB);
    assertThat(file.allocated(file.extent()).isEmpty()).isTrue();
    file.write(1 << 20, MemorySegment.ofArray(filled(8192)));
    file.write(1 << 24, MemorySegment.ofArray(filled(8192)));
    assertThat(file.allocated(file.extent()))
        .isEqualTo(
            ExtentSet.of(1 << 20, (1 << 20) + 8192).union(ExtentSet.of(1 << 24, (1 << 24) + 8192)));
    assertThat(file.allocated(new Extent((1 << 20) + 4096, 1 << 24)))
        .isEqualTo(ExtentSet.of((1 << 20) + 4096, (1 << 20) + 8192));
    file.flush();
    assertThat(file.allocated(file.extent()).total()).isEqualTo(16384);
    file.resize(1 << 20);
    assertThat(file.allocated(file.extent()).isEmpty()).isTrue();
  }

  @Test
  void spaceThatWasNeverWrittenTakesSpaceAllTheSame() throws Exception {
    assumeFalse(parent.equals("/dev/shm"), "tmpfs has no extent map");
    Tools.run("fallocate", "-o", "1MiB", "-l", "2MiB", path.toString());
    file.resize(8 << 20);
    assertThat(file.allocated(file.extent())).isEqualTo(ExtentSet.of(1 << 20, 3 << 20));
    file.punch(new Extent(1 << 20, 2 << 20));
    assertThat(file.allocated(file.extent())).isEqualTo(ExtentSet.of(2 << 20, 3 << 20));
    assertThat(file.allocatedBytes()).isBetween(1L << 20, (1L << 20) + 65_536);
  }

  @Test
  void bothWaysToFindAllocationAgreeOnData() throws Exception {
    Random random = new Random(5);
    file.resize(64 << 20);
    for (int i = 0; i < 3000; i++) {
      file.write(4096L * random.nextInt(16_384), MemorySegment.ofArray(filled(4096)));
    }
    Libc libc = Libc.create();
    int fd = (int) libc.open(path, Libc.O_RDONLY);
    AllocationMap map = new AllocationMap(libc, fd, "disk");
    Extent window = new Extent(1_000_000, 60_000_000);
    ExtentSet data = map.fromData(window);
    assertThat(Objects.requireNonNull(data).runs()).isGreaterThan(1024);
    assertThat(map.read(window)).isEqualTo(data);
    assertThat(file.allocated(window)).isEqualTo(data);
    assertThat(libc.close(fd)).isZero();
    libc.release();
  }

  @Test
  void aWindowBeyondTheEndHoldsNothing() throws IOException {
    file.write(0, MemorySegment.ofArray(filled(100)));
    assertThat(file.allocated(new Extent(50, 5000))).isEqualTo(ExtentSet.of(50, 100));
    assertThat(file.allocated(new Extent(5000, 6000)).isEmpty()).isTrue();
    assertThat(file.allocated(new Extent(50, 50)).isEmpty()).isTrue();
  }

  @Test
  void whatAnotherProcessWritesIsSeenWithoutALock() throws IOException {
    file.resize(1 << 20);
    try (LinuxFile other = LinuxFile.open(path, Access.READ_UNLOCKED)) {
      assertThat(other.allocated(other.extent()).isEmpty()).isTrue();
      file.write(8192, MemorySegment.ofArray(filled(4096)));
      assertThat(other.allocated(other.extent())).isEqualTo(ExtentSet.of(8192, 12_288));
    }
  }

  @Test
  void limitsNameTheFilesystemsBlock() {
    assertThat(file.limits().granularity()).isBetween(512L, 65_536L);
    assertThat(file.limits().logicalBlock()).isEqualTo(512);
  }

  @Test
  void aFileReplacedByAnotherIsNoticed() throws IOException {
    file.verifyUnchanged();
    Path other = Files.createFile(directory.resolve("new"));
    Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(file::verifyUnchanged)
        .hasMessage(path + ": another process has put a different file in its place");
  }

  private byte[] read(long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    file.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static byte[] filled(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 1);
    return bytes;
  }
}
