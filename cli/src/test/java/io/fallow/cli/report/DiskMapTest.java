package io.fallow.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.cli.report.DiskMap.Kind;
import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.format.FileSystem;
import io.fallow.image.raw.RawImage;
import io.fallow.plan.Plan;
import io.fallow.stack.Node;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DiskMapTest {

  private static final long SIZE = 1 << 20;

  private record Half(ExtentSet free) implements FileSystem {
    @Override
    public String type() {
      return "half";
    }

    @Override
    public String label() {
      return "";
    }

    @Override
    public String uuid() {
      return "";
    }

    @Override
    public long size() {
      return SIZE / 2;
    }

    @Override
    public long blockSize() {
      return 4096;
    }
  }

  /** Used, then free with space, then free without, over the first half; nothing in the second. */
  private static Plan plan(Set<String> ignored) throws Exception {
    MemoryFile disk = new MemoryFile("disk.raw", SIZE);
    disk.write(0, MemorySegment.ofArray(new byte[(int) SIZE / 4]));
    Node root =
        new Node(
            "",
            new Extent(0, SIZE / 2),
            disk,
            new Half(ExtentSet.of(SIZE / 8, SIZE / 2)),
            List.of());
    return Plan.of(new RawImage(disk), root, ignored);
  }

  private static List<Kind> kinds(DiskMap map) {
    return java.util.stream.IntStream.range(0, map.cells()).mapToObj(map::kind).toList();
  }

  @Test
  void showsWhatEachStretchIs() throws Exception {
    DiskMap map = DiskMap.of(plan(Set.of()), 8);
    assertThat(map.cellSize()).isEqualTo(SIZE / 8);
    assertThat(kinds(map))
        .containsExactly(
            Kind.USED,
            Kind.RELEASABLE,
            Kind.HOLE,
            Kind.HOLE,
            Kind.OUTSIDE,
            Kind.OUTSIDE,
            Kind.OUTSIDE,
            Kind.OUTSIDE);
    assertThat(map.has(Kind.HELD)).isFalse();
    assertThat(map.has(Kind.REFUSED)).isFalse();
  }

  @Test
  void showsWhatIsLeftAlone() throws Exception {
    DiskMap map = DiskMap.of(plan(Set.of("disk")), 4);
    assertThat(kinds(map)).containsExactly(Kind.REFUSED, Kind.REFUSED, Kind.OUTSIDE, Kind.OUTSIDE);
  }

  @Test
  void aLittleThatIsUsedShowsInMuchThatIsEmpty() throws Exception {
    DiskMap map = DiskMap.of(plan(Set.of()), 1);
    assertThat(kinds(map)).containsExactly(Kind.USED);
  }

  @Test
  void hasMoreCellsThanATinyDiskHasBytes() {
    DiskMap map = DiskMap.of(Kind.USED, Kind.HOLE);
    assertThat(map.cells()).isEqualTo(2);
    assertThat(map.cellSize()).isEqualTo(1);
  }
}
