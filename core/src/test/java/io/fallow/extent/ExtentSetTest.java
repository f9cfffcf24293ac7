package io.fallow.extent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

/** What single calls promise, at the edges of the number range too. */
final class ExtentSetTest {

  private static final long MAX = Long.MAX_VALUE;

  private static ExtentSet set(long... bounds) {
    ExtentSet.Builder builder = ExtentSet.builder();
    for (int i = 0; i < bounds.length; i += 2) {
      builder.add(bounds[i], bounds[i + 1]);
    }
    return builder.build();
  }

  @Test
  void touchingRunsBecomeOne() {
    assertThat(set(0, 10, 10, 20)).isEqualTo(set(0, 20));
    assertThat(set(10, 20, 0, 10)).isEqualTo(set(0, 20));
    assertThat(set(0, 10).union(set(10, 20)).runs()).isEqualTo(1);
  }

  @Test
  void emptyRangesAddNothing() {
    assertThat(set(5, 5)).isEqualTo(ExtentSet.empty());
    assertThat(ExtentSet.of(7, 7).isEmpty()).isTrue();
    assertThat(set(0, 10, 4, 4, 20, 30).runs()).isEqualTo(2);
  }

  @Test
  void builderStaysUsableAfterBuild() {
    ExtentSet.Builder builder = ExtentSet.builder().add(0, 10);
    ExtentSet first = builder.build();
    ExtentSet second = builder.add(10, 20).build();
    assertThat(first).isEqualTo(set(0, 10));
    assertThat(second).isEqualTo(set(0, 20));
  }

  @Test
  void holdsTheLargestOffsets() {
    ExtentSet top = set(MAX - 10, MAX);
    assertThat(top.total()).isEqualTo(10);
    assertThat(top.contains(MAX - 1)).isTrue();
    assertThat(top.contains(MAX)).isFalse();
    assertThat(top.complement(new Extent(0, MAX))).isEqualTo(set(0, MAX - 10));
    assertThat(set(0, MAX).total()).isEqualTo(MAX);
    assertThat(set(0, MAX).subtract(set(1, MAX - 1)).total()).isEqualTo(2);
  }

  @Test
  void inwardAlignmentNearTheLargestOffsetWrapsNowhere() {
    assertThat(set(MAX - 10, MAX).alignInward(4096)).isEqualTo(ExtentSet.empty());
    assertThat(set(1, MAX).alignInward(1L << 62)).isEqualTo(ExtentSet.empty());
    assertThat(set(0, MAX).alignInward(1L << 62)).isEqualTo(set(0, 1L << 62));
    assertThat(set(5, MAX).alignInward(MAX)).isEqualTo(ExtentSet.empty());
    assertThat(set(0, MAX).alignInward(MAX)).isEqualTo(set(0, MAX));
  }

  @Test
  void outwardAlignmentBeyondTheLargestOffsetFails() {
    assertThat(set(MAX - 5000, MAX - 4096).alignOutward(4096))
        .isEqualTo(set(MAX - 8191, MAX - 4095));
    assertThatThrownBy(() -> set(MAX - 10, MAX).alignOutward(4096))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void alignmentToOneByteChangesNothing() {
    ExtentSet odd = set(3, 5, 9, 100);
    assertThat(odd.alignInward(1)).isEqualTo(odd);
    assertThat(odd.alignOutward(1)).isEqualTo(odd);
  }

  @Test
  void granularityBelowOneIsAnError() {
    assertThatThrownBy(() -> set(0, 9).alignInward(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> set(0, 9).alignOutward(0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shiftGoesToBothEndsOfTheRangeAndNoFurther() {
    assertThat(set(10, 20).shift(-10)).isEqualTo(set(0, 10));
    assertThat(set(0, 10).shift(MAX - 10)).isEqualTo(set(MAX - 10, MAX));
    assertThatThrownBy(() -> set(10, 20).shift(-11)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> set(10, 20).shift(Long.MIN_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> set(0, 10).shift(MAX - 9)).isInstanceOf(ArithmeticException.class);
    assertThat(ExtentSet.empty().shift(-5)).isEqualTo(ExtentSet.empty());
  }

  @Test
  void searchesByOffset() {
    ExtentSet runs = set(10, 20, 30, 40);
    assertThat(runs.firstRunEndingAfter(0)).isZero();
    assertThat(runs.firstRunEndingAfter(19)).isZero();
    assertThat(runs.firstRunEndingAfter(20)).isEqualTo(1);
    assertThat(runs.firstRunEndingAfter(39)).isEqualTo(1);
    assertThat(runs.firstRunEndingAfter(40)).isEqualTo(2);
    assertThat(runs.firstRunEndingAfter(MAX)).isEqualTo(2);
    assertThat(ExtentSet.empty().firstRunEndingAfter(0)).isZero();
  }

  @Test
  void emptyExtentIsInEverySetAndOverlapsNone() {
    Extent nothing = new Extent(15, 15);
    assertThat(set(10, 20).contains(nothing)).isTrue();
    assertThat(ExtentSet.empty().contains(nothing)).isTrue();
    assertThat(set(10, 20).overlaps(nothing)).isFalse();
  }

  @Test
  void badExtentsAreErrors() {
    assertThatThrownBy(() -> new Extent(-1, 5)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Extent(6, 5)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ExtentSet.builder().add(6, 5))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ExtentSet.builder().add(-1, 5))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Extent.ofLength(MAX, 1)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void extentsCompareByTheirBytes() {
    Extent extent = Extent.ofLength(10, 10);
    assertThat(extent.contains(new Extent(10, 20))).isTrue();
    assertThat(extent.contains(new Extent(10, 21))).isFalse();
    assertThat(extent.overlaps(new Extent(19, 30))).isTrue();
    assertThat(extent.overlaps(new Extent(20, 30))).isFalse();
    assertThat(extent).hasToString("[0xa, 0x14)");
  }

  @Test
  void iteratesInOrderAndEnds() {
    ExtentSet runs = set(30, 40, 10, 20);
    List<Extent> seen = new ArrayList<>();
    runs.forEach(seen::add);
    assertThat(seen).containsExactly(new Extent(10, 20), new Extent(30, 40));
    var iterator = ExtentSet.empty().iterator();
    assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void equalSetsHashAlikeAndPrintShort() {
    assertThat(set(0, 5, 5, 9)).hasSameHashCodeAs(set(0, 9)).hasToString("{[0x0, 0x9)}");
    ExtentSet.Builder many = ExtentSet.builder();
    for (int i = 0; i < 1000; i++) {
      many.add(2L * i, 2L * i + 1);
    }
    assertThat(many.build().toString()).endsWith("… 1000 runs}").hasSizeLessThan(400);
  }

  @Test
  void millionsOfRunsInRandomOrderBuildInOnePass() {
    int runs = 1_000_000;
    ExtentSet.Builder builder = ExtentSet.builder();
    for (int i = 0; i < runs; i++) {
      // 619 999 is coprime to a million, so every residue comes once, out of order.
      long run = (long) i * 619_999 % runs;
      builder.add(run * 8, run * 8 + 4);
    }
    ExtentSet set = builder.build();
    assertThat(set.runs()).isEqualTo(runs);
    assertThat(set.total()).isEqualTo(4L * runs);
    assertThat(set.alignInward(8).isEmpty()).isTrue();
    assertThat(set.alignOutward(8)).isEqualTo(ExtentSet.of(0, 8L * runs));
  }
}
