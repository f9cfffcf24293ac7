package io.fallow.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import io.fallow.device.Device;
import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.format.Content;
import io.fallow.format.Format;
import io.fallow.format.Layer;
import io.fallow.format.Refused;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What every layer of contiguous children keeps: it may shrink a release set, and never grows it.
 */
public abstract class LayerContract {

  private static final int MUTATIONS = 1_000;

  /** For subclasses. */
  protected LayerContract() {}

  /** The format under test. */
  protected abstract Format format();

  /** A valid device of it, with at least one child. */
  protected abstract Device image() throws IOException;

  private Layer open(Device device) throws IOException {
    assertThat(format().recognise(device)).as("signature").isPresent();
    Content content = format().open(device);
    assertThat(content).isInstanceOf(Layer.class);
    return (Layer) content;
  }

  private static List<ExtentSet> sets(Layer layer, ExtentSet at, int index) {
    List<ExtentSet> sets = new ArrayList<>();
    for (int i = 0; i < layer.children().size(); i++) {
      sets.add(i == index ? at : ExtentSet.empty());
    }
    return sets;
  }

  private static List<ExtentSet> random(Layer layer, Random random) {
    List<ExtentSet> sets = new ArrayList<>();
    for (Layer.Child child : layer.children()) {
      ExtentSet.Builder set = ExtentSet.builder();
      for (int i = random.nextInt(5); i > 0; i--) {
        long start = random.nextLong(child.device().size());
        set.add(start, start + random.nextLong(child.device().size() - start + 1));
      }
      sets.add(set.build());
    }
    return sets;
  }

  /** The bytes of the parent under the children's sets. */
  private static ExtentSet image(Layer layer, List<ExtentSet> sets) {
    ExtentSet.Builder image = ExtentSet.builder();
    for (int i = 0; i < sets.size(); i++) {
      image.addAll(sets.get(i).shift(layer.children().get(i).place().start()));
    }
    return image.build();
  }

  @Test
  void childrenLieApartAndWithinTheParent() throws IOException {
    try (Device device = image()) {
      Layer layer = open(device);
      assertThat(layer.children()).isNotEmpty();
      ExtentSet seen = ExtentSet.empty();
      Set<String> names = new HashSet<>();
      for (Layer.Child child : layer.children()) {
        assertThat(device.extent().contains(child.place())).as("%s within", child).isTrue();
        assertThat(seen.overlaps(child.place())).as("%s overlaps", child).isFalse();
        assertThat(child.device().size()).isEqualTo(child.place().length());
        assertThat(names.add(child.name())).as("%s named twice", child.name()).isTrue();
        seen = seen.union(ExtentSet.of(child.place()));
      }
    }
  }

  @Test
  void itsOwnStructuresLieOutsideItsChildren() throws IOException {
    try (Device device = image()) {
      CountingDevice counting = new CountingDevice(device);
      Layer layer = open(counting);
      for (Layer.Child child : layer.children()) {
        assertThat(counting.reads().seen().clip(child.place())).isEqualTo(ExtentSet.empty());
      }
    }
  }

  @Test
  void nothingGivenNothingReleased() throws IOException {
    try (Device device = image()) {
      Layer layer = open(device);
      assertThat(layer.release(sets(layer, ExtentSet.empty(), -1))).isEqualTo(ExtentSet.empty());
    }
  }

  @Test
  void aWholeChildIsReleasedInItsPlaceAndNowhereElse() throws IOException {
    try (Device device = image()) {
      Layer layer = open(device);
      for (int i = 0; i < layer.children().size(); i++) {
        Layer.Child child = layer.children().get(i);
        ExtentSet all = ExtentSet.of(child.device().extent());
        ExtentSet released = layer.release(sets(layer, all, i));
        assertThat(released.isEmpty()).as("nothing of %s released", child).isFalse();
        assertThat(ExtentSet.of(child.place()).containsAll(released)).isTrue();
      }
    }
  }

  @Test
  void releaseNeverGrowsAndIsMonotone() throws IOException {
    try (Device device = image()) {
      Layer layer = open(device);
      Random random = new Random(1);
      for (int round = 0; round < 300; round++) {
        List<ExtentSet> some = random(layer, random);
        List<ExtentSet> more = new ArrayList<>();
        List<ExtentSet> extra = random(layer, random);
        for (int i = 0; i < some.size(); i++) {
          more.add(some.get(i).union(extra.get(i)));
        }
        ExtentSet released = layer.release(some);
        assertThat(image(layer, some).containsAll(released)).as("grew").isTrue();
        assertThat(layer.release(more).containsAll(released)).as("more gave less").isTrue();
        assertThat(layer.release(some)).isEqualTo(released);
      }
    }
  }

  @Test
  void recognisesNoBlankDevice() throws IOException {
    for (long size : new long[] {0, 1, 511, 512, 4096, 1 << 20}) {
      assertThat(format().recognise(new MemoryFile("blank", size))).as("%d zeros", size).isEmpty();
    }
  }

  @Test
  void damageNeverLeadsOutsideTheDocumentedAnswers() throws IOException {
    try (Device device = image()) {
      CountingDevice counting = new CountingDevice(device);
      open(counting);
      ExtentSet read = counting.reads().seen();
      Random random = new Random(2);
      for (int i = 0; i < MUTATIONS; i++) {
        int run = random.nextInt(read.runs());
        long offset = read.start(run) + random.nextLong(read.end(run) - read.start(run));
        tryOpen(MutatedDevice.flipped(device, offset, 1 + random.nextInt(255)));
        tryOpen(MutatedDevice.truncated(device, random.nextLong(device.size())));
      }
    }
  }

  private void tryOpen(Device device) throws IOException {
    try {
      if (format().recognise(device).isEmpty()) {
        return;
      }
      switch (format().open(device)) {
        case Layer layer -> {
          for (Layer.Child child : layer.children()) {
            Extent place = child.place();
            assertThat(device.extent().contains(place)).as("%s outside", child).isTrue();
          }
        }
        case Refused refused ->
            assertThat(refused.refusal().reason()).isNotBlank().doesNotContain("\n");
        case Content other -> throw new AssertionError("neither layer nor refusal: " + other);
      }
    } catch (CorruptFormatException | UnsupportedFeatureException documented) {
      // As it should be.
    }
  }
}
