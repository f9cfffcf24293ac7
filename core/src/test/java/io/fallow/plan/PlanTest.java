package io.fallow.plan;

import static io.fallow.device.MemoryFile.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.Device;
import io.fallow.device.MemoryFile;
import io.fallow.device.Slice;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.format.Content;
import io.fallow.format.FileSystem;
import io.fallow.format.Layer;
import io.fallow.format.Opaque;
import io.fallow.format.Refusal;
import io.fallow.format.Refused;
import io.fallow.image.raw.RawImage;
import io.fallow.stack.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Plans over made-up filesystems, so that nothing but the flow itself is tested. */
final class PlanTest {

  private static final int PART = 16 * PAGE;

  private record FakeFileSystem(long size, ExtentSet free) implements FileSystem {
    @Override
    public String type() {
      return "fakefs";
    }

    @Override
    public String label() {
      return "label";
    }

    @Override
    public String uuid() {
      return "uuid";
    }

    @Override
    public long blockSize() {
      return 512;
    }
  }

  /**
   * Partitions side by side; {@code granularity} above 1 makes it give up less than it was given.
   */
  private record FakeTable(List<Child> children, long granularity) implements Layer {
    @Override
    public String type() {
      return "table";
    }

    @Override
    public ExtentSet release(List<ExtentSet> perChild) {
      ExtentSet.Builder all = ExtentSet.builder();
      for (int i = 0; i < children.size(); i++) {
        all.addAll(perChild.get(i).shift(children.get(i).place().start()));
      }
      return all.build().alignInward(granularity);
    }
  }

  private static MemoryFile full(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) 0xA5);
    return MemoryFile.of("disk.raw", bytes);
  }

  private static Node table(Device disk, long granularity, Content... contents) {
    List<Layer.Child> children = new ArrayList<>();
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < contents.length; i++) {
      String name = Integer.toString(i + 1);
      Extent place = Extent.ofLength((long) i * PART, PART);
      Device part = new Slice(disk, place, "disk.raw:table/" + name);
      children.add(new Layer.Child(name, place, part, ""));
      nodes.add(new Node("table/" + name, place, part, contents[i], List.of()));
    }
    return new Node("", disk.extent(), disk, new FakeTable(children, granularity), nodes);
  }

  private static FakeFileSystem fs(long... free) {
    ExtentSet.Builder set = ExtentSet.builder();
    for (int i = 0; i < free.length; i += 2) {
      set.add(free[i], free[i + 1]);
    }
    return new FakeFileSystem(PART, set.build());
  }

  private static Refused refused(Refusal.Kind kind) {
    return new Refused("swap", new Refusal(kind, "a reason"));
  }

  private static long attributed(VolumePlan volume) {
    long held = volume.held().values().stream().mapToLong(Long::longValue).sum();
    return volume.releasable() + volume.holes() + held + volume.lost();
  }

  @Test
  void everyFreeByteOfAVolumeHasItsPlace() throws IOException {
    MemoryFile file = full(2 * PART);
    file.punch(new Extent(4 * PAGE, 6 * PAGE));
    Node root = table(file, 1, fs(PAGE + 512, 8 * PAGE), fs(0, 2 * PAGE));
    Plan plan = Plan.of(new RawImage(file), root, Set.of());
    VolumePlan first = plan.volumes().getFirst();
    assertThat(first.path()).isEqualTo("table/1");
    assertThat(first.type()).isEqualTo("fakefs");
    assertThat(first.free()).isEqualTo(7 * PAGE - 512);
    assertThat(first.used()).isEqualTo(PART - first.free());
    assertThat(first.holes()).isEqualTo(2 * PAGE);
    assertThat(first.lost()).isEqualTo(PAGE - 512);
    assertThat(first.releasable()).isEqualTo(4 * PAGE);
    assertThat(first.held()).isEmpty();
    assertThat(plan.volumes().getLast().releasable()).isEqualTo(2 * PAGE);
    assertThat(plan.release().releasable().total()).isEqualTo(6 * PAGE);
    assertThat(plan.hasRefusals()).isFalse();
  }

  @Test
  void neighboursFreeOneUnitTogether() throws IOException {
    MemoryFile file = full(2 * PART);
    Extent left = new Extent(0, PAGE / 2);
    Extent right = new Extent(PAGE / 2, PAGE);
    Layer.Child one = new Layer.Child("1", left, new Slice(file, left, "1"), "");
    Layer.Child two = new Layer.Child("2", right, new Slice(file, right, "2"), "");
    FakeFileSystem half = new FakeFileSystem(PAGE / 2, ExtentSet.of(0, PAGE / 2));
    Node root =
        new Node(
            "",
            file.extent(),
            file,
            new FakeTable(List.of(one, two), 1),
            List.of(
                new Node("table/1", left, one.device(), half, List.of()),
                new Node("table/2", right, two.device(), half, List.of())));
    Plan plan = Plan.of(new RawImage(file), root, Set.of());
    assertThat(plan.release().releasable()).isEqualTo(ExtentSet.of(0, PAGE));
    assertThat(plan.volumes()).allMatch(volume -> volume.releasable() == PAGE / 2);
  }

  @Test
  void whatALayerRoundsAwayIsLost() throws IOException {
    MemoryFile file = full(PART);
    Node root = table(file, 2 * PAGE, fs(PAGE, 5 * PAGE));
    VolumePlan volume = Plan.of(new RawImage(file), root, Set.of()).volumes().getFirst();
    assertThat(volume.releasable()).isEqualTo(2 * PAGE);
    assertThat(volume.lost()).isEqualTo(2 * PAGE);
    assertThat(attributed(volume)).isEqualTo(volume.free());
  }

  @Test
  void aRefusedVolumeDoesNotStopItsNeighbours() throws IOException {
    MemoryFile file = full(2 * PART);
    Node root = table(file, 1, refused(Refusal.Kind.UNCLEAN), fs(0, PART));
    Plan plan = Plan.of(new RawImage(file), root, Set.of());
    assertThat(plan.release().releasable()).isEqualTo(ExtentSet.of(PART, 2 * PART));
    VolumePlan bad = plan.volumes().getFirst();
    assertThat(bad.refusal()).isEqualTo(new Refusal(Refusal.Kind.UNCLEAN, "a reason"));
    assertThat(bad.used()).isEqualTo(PART);
    assertThat(bad.free()).isZero();
    assertThat(plan.hasRefusals()).isTrue();
  }

  @Test
  void hibernationRefusesEveryVolume() throws IOException {
    MemoryFile file = full(3 * PART);
    Node root = table(file, 1, fs(0, PART), refused(Refusal.Kind.HIBERNATED), fs(PAGE, PART));
    for (Set<String> ignored : List.of(Set.<String>of(), Set.of("table/2"))) {
      Plan plan = Plan.of(new RawImage(file), root, ignored);
      assertThat(plan.free().isEmpty()).isTrue();
      assertThat(plan.release().releasable().isEmpty()).isTrue();
      assertThat(plan.hasRefusals()).isTrue();
      for (int index : new int[] {0, 2}) {
        VolumePlan volume = plan.volumes().get(index);
        assertThat(volume.refusal())
            .isEqualTo(
                new Refusal(
                    Refusal.Kind.HIBERNATED,
                    "the guest is suspended to disk in table/2; start it and shut it down first"));
        assertThat(attributed(volume)).isZero();
      }
    }
  }

  @Test
  void ignoredVolumesAreLeftAlone() throws IOException {
    MemoryFile file = full(2 * PART);
    Node root = table(file, 1, fs(0, PART), fs(0, PART));
    Plan plan = Plan.of(new RawImage(file), root, Set.of("table/1"));
    assertThat(plan.release().releasable()).isEqualTo(ExtentSet.of(PART, 2 * PART));
    VolumePlan ignored = plan.volumes().getFirst();
    assertThat(ignored.ignored()).isTrue();
    assertThat(ignored.free()).isEqualTo(PART);
    assertThat(attributed(ignored)).isZero();
    Plan none = Plan.of(new RawImage(file), root, Set.of("disk"));
    assertThat(none.release().releasable().isEmpty()).isTrue();
    assertThat(none.volumes()).hasSize(1);
    assertThat(none.volumes().getFirst().path()).isEqualTo("disk");
  }

  @Test
  void anIgnoredRefusalIsNoRefusal() throws IOException {
    MemoryFile file = full(2 * PART);
    Node root = table(file, 1, refused(Refusal.Kind.UNKNOWN), fs(0, PART));
    assertThat(Plan.of(new RawImage(file), root, Set.of("table/1")).hasRefusals()).isFalse();
  }

  @Test
  void opaqueVolumesReleaseNothingAndAreNoRefusal() throws IOException {
    MemoryFile file = full(2 * PART);
    Node root = table(file, 1, new Opaque("bios-boot", false), new Opaque("blank", true));
    Plan plan = Plan.of(new RawImage(file), root, Set.of());
    assertThat(plan.release().releasable().isEmpty()).isTrue();
    assertThat(plan.hasRefusals()).isFalse();
    assertThat(plan.volumes().getFirst().used()).isEqualTo(PART);
    assertThat(plan.volumes().getLast().used()).isZero();
  }

  @Test
  void aFilesystemOnTheWholeDiskIsCalledDisk() throws IOException {
    MemoryFile file = full(PART);
    Node root = new Node("", file.extent(), file, fs(0, PAGE), List.of());
    Plan plan = Plan.of(new RawImage(file), root, Set.of());
    assertThat(plan.volumes().getFirst().path()).isEqualTo("disk");
    assertThat(plan.release().releasable()).isEqualTo(ExtentSet.of(0, PAGE));
  }

  @Test
  void releaseNeverLeavesWhatTheFilesystemsCallFree() throws IOException {
    Random random = new Random(5);
    for (int round = 0; round < 500; round++) {
      int parts = 1 + random.nextInt(4);
      MemoryFile file = full(parts * PART);
      Content[] contents = new Content[parts];
      ExtentSet.Builder free = ExtentSet.builder();
      Set<String> ignored =
          random.nextInt(4) == 0 ? Set.of("table/" + (1 + random.nextInt(parts))) : Set.of();
      for (int part = 0; part < parts; part++) {
        FakeFileSystem fileSystem = new FakeFileSystem(PART, randomFree(random));
        boolean sound = random.nextInt(5) != 0;
        contents[part] = sound ? fileSystem : refused(Refusal.Kind.CORRUPT);
        if (sound && !ignored.contains("table/" + (part + 1))) {
          free.addAll(fileSystem.free().shift((long) part * PART));
        }
        long hole = random.nextInt(parts * 16) * (long) PAGE;
        file.punch(new Extent(hole, hole + PAGE));
      }
      long granularity = random.nextBoolean() ? 1 : 512L << random.nextInt(6);
      Plan plan = Plan.of(new RawImage(file), table(file, granularity, contents), ignored);
      assertThat(free.build().containsAll(plan.free())).isTrue();
      assertThat(free.build().containsAll(plan.release().releasable())).isTrue();
      for (VolumePlan volume : plan.volumes()) {
        assertThat(volume.used() + volume.free()).isEqualTo(PART);
        assertThat(attributed(volume)).isEqualTo(volume.ignored() ? 0 : volume.free());
      }
    }
  }

  private static ExtentSet randomFree(Random random) {
    ExtentSet.Builder set = ExtentSet.builder();
    for (int i = 0; i < 4; i++) {
      long start = random.nextInt(PART / 512) * 512L;
      set.add(start, Math.min(PART, start + random.nextInt(64) * 512L));
    }
    return set.build();
  }
}
