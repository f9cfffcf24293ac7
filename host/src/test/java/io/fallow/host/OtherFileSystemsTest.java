package io.fallow.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.testkit.tools.Tools;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is still in the page cache takes space, on each filesystem in its own way. */
class OtherFileSystemsTest {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mkfs.ext4 -q",
        "mkfs.ext4 -q -O ^extent,^64bit",
        "mkfs.ext4 -q -O bigalloc -C 65536",
        "mkfs.xfs -q",
        "mkfs.btrfs -q",
      })
  void allocationIncludesWhatIsNotWrittenBack(String mkfs) throws Exception {
    Tools.requireRoot();
    Path disk = Files.createFile(directory.resolve("disk.img"));
    Tools.run("truncate", "-s", "400M", disk.toString());
    List<String> command = new ArrayList<>(List.of(mkfs.split(" ")));
    command.add(disk.toString());
    Tools.run(command);
    Path mounted = Files.createDirectory(directory.resolve("mounted"));
    Tools.Result result = Tools.attempt("mount", "-o", "loop", disk.toString(), mounted.toString());
    Tools.require(result.exit() == 0, "needs to mount what " + mkfs + " makes");
    try {
      checkAllocation(Files.createFile(mounted.resolve("disk.raw")));
    } finally {
      Tools.run("umount", mounted.toString());
    }
  }

  private static void checkAllocation(Path path) throws Exception {
    try (LinuxFile file = LinuxFile.open(path, Access.WRITE)) {
      file.resize(64 << 20);
      ExtentSet.Builder written = ExtentSet.builder();
      for (long at = 0; at < 64 << 20; at += 1 << 20) {
        byte[] bytes = new byte[65_536];
        bytes[100] = 1;
        file.write(at, MemorySegment.ofArray(bytes));
        written.add(at, at + bytes.length);
      }
      assertThat(file.allocated(file.extent())).isEqualTo(written.build());
      file.flush();
      file.punch(new Extent(1 << 20, 2 << 20));
      assertThat(file.allocated(new Extent(1 << 20, 2 << 20)).isEmpty()).isTrue();
      file.write(1 << 20, MemorySegment.ofArray(new byte[65_536]));
      assertThat(file.allocated(file.extent())).isEqualTo(written.build());
    }
  }
}
