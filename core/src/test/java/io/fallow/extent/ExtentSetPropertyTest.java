package io.fallow.extent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every operation against a set of bits that does the same byte by byte, over random sets. A base
 * near 2⁶³−1 moves the same cases to the top of the number range.
 */
final class ExtentSetPropertyTest {

  private static final int UNIVERSE = 200;
  private static final int ROUNDS = 3_000;

  /** A set and the bits that it must equal: bit i is the byte at {@code base + i}. */
  private record Case(long base, ExtentSet set, BitSet bits) {

    static Case random(long base, Random random) {
      BitSet bits = new BitSet();
      List<Extent> runs = new ArrayList<>();
      int count = random.nextInt(12);
      for (int i = 0; i < count; i++) {
        int start = random.nextInt(UNIVERSE);
        int end = Math.min(UNIVERSE, start + random.nextInt(24));
        bits.set(start, end);
        runs.add(new Extent(base + start, base + end));
      }
      if (random.nextBoolean()) {
        runs.sort((a, b) -> Long.compare(a.start(), b.start()));
      } else {
        Collections.shuffle(runs, random);
      }
      ExtentSet.Builder builder = ExtentSet.builder();
      runs.forEach(builder::add);
      return new Case(base, builder.build(), bits);
    }

    void verify() {
      verify(base, set, bits);
    }

    static void verify(long base, ExtentSet set, BitSet bits) {
      ExtentSet.Builder expected = ExtentSet.builder();
      int runs = 0;
      for (int start = bits.nextSetBit(0); start >= 0; ) {
        int end = bits.nextClearBit(start);
        expected.add(base + start, base + end);
        runs++;
        start = bits.nextSetBit(end);
      }
      assertThat(set).isEqualTo(expected.build());
      assertThat(set.runs()).isEqualTo(runs);
      assertThat(set.total()).isEqualTo(bits.cardinality());
      for (int run = 1; run < set.runs(); run++) {
        assertThat(set.start(run)).isGreaterThan(set.end(run - 1));
      }
    }
  }

  private static BitSet combine(BitSet a, BitSet b, String operation) {
    BitSet result = (BitSet) a.clone();
    switch (operation) {
      case "union" -> result.or(b);
      case "intersect" -> result.and(b);
      default -> result.andNot(b);
    }
    return result;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1L << 40, Long.MAX_VALUE - UNIVERSE})
  void buildsTheUnionOfItsRunsInAnyOrder(long base) {
    Random random = new Random(1);
    for (int round = 0; round < ROUNDS; round++) {
      Case.random(base, random).verify();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1L << 40, Long.MAX_VALUE - UNIVERSE})
  void combinesAsBitsDo(long base) {
    Random random = new Random(2);
    for (int round = 0; round < ROUNDS; round++) {
      Case a = Case.random(base, random);
      Case b = Case.random(base, random);
      Case.verify(base, a.set().union(b.set()), combine(a.bits(), b.bits(), "union"));
      Case.verify(base, a.set().intersect(b.set()), combine(a.bits(), b.bits(), "intersect"));
      Case.verify(base, a.set().subtract(b.set()), combine(a.bits(), b.bits(), "subtract"));
      Case.verify(
          base,
          ExtentSet.builder().addAll(a.set()).addAll(b.set()).build(),
          combine(a.bits(), b.bits(), "union"));
      assertThat(a.set().overlaps(b.set())).isEqualTo(a.bits().intersects(b.bits()));
      assertThat(a.set().containsAll(b.set()))
          .isEqualTo(combine(b.bits(), a.bits(), "subtract").isEmpty());
      a.verify();
      b.verify();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1L << 40, Long.MAX_VALUE - UNIVERSE})
  void clipsAndComplementsInAWindow(long base) {
    Random random = new Random(3);
    for (int round = 0; round < ROUNDS; round++) {
      Case a = Case.random(base, random);
      int start = random.nextInt(UNIVERSE);
      int end = start + random.nextInt(UNIVERSE - start + 1);
      Extent window = new Extent(base + start, base + end);
      BitSet inside = new BitSet();
      inside.set(start, end);
      Case.verify(base, a.set().clip(window), combine(a.bits(), inside, "intersect"));
      Case.verify(base, a.set().complement(window), combine(inside, a.bits(), "subtract"));
      assertThat(a.set().contains(window))
          .isEqualTo(combine(inside, a.bits(), "subtract").isEmpty());
      assertThat(a.set().overlaps(window)).isEqualTo(a.bits().intersects(inside));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1L << 40, Long.MAX_VALUE - UNIVERSE})
  void findsRunsAndBytesByOffset(long base) {
    Random random = new Random(4);
    for (int round = 0; round < ROUNDS / 10; round++) {
      Case a = Case.random(base, random);
      for (int at = 0; at < UNIVERSE; at++) {
        assertThat(a.set().contains(base + at)).isEqualTo(a.bits().get(at));
        int run = a.set().firstRunEndingAfter(base + at);
        assertThat(run == 0 || a.set().end(run - 1) <= base + at).isTrue();
        assertThat(run == a.set().runs() || a.set().end(run) > base + at).isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 3, 1L << 40, Long.MAX_VALUE - UNIVERSE})
  void inwardAlignmentKeepsExactlyTheWholeGranules(long base) {
    Random random = new Random(5);
    for (int round = 0; round < ROUNDS; round++) {
      Case a = Case.random(base, random);
      long granularity = 1L + random.nextInt(20);
      BitSet whole = new BitSet();
      // The first granule that starts at or after the base; those that stick out are not whole.
      for (long start = (granularity - base % granularity) % granularity;
          start + granularity <= UNIVERSE;
          start += granularity) {
        int from = (int) start;
        int to = (int) (start + granularity);
        if (a.bits().nextClearBit(from) >= to) {
          whole.set(from, to);
        }
      }
      Case.verify(base, a.set().alignInward(granularity), whole);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 720_720, 720_720L << 36})
  void outwardAlignmentKeepsEveryGranuleTouched(long base) {
    Random random = new Random(6);
    for (int round = 0; round < ROUNDS; round++) {
      Case a = Case.random(base, random);
      // Divides 720 720, and so the base.
      int granularity = 1 + random.nextInt(16);
      BitSet touched = new BitSet();
      a.bits().stream()
          .map(bit -> bit / granularity * granularity)
          .forEach(start -> touched.set(start, start + granularity));
      Case.verify(base, a.set().alignOutward(granularity), touched);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 4096, Long.MAX_VALUE - UNIVERSE})
  void shiftMovesEveryByteAndBack(long delta) {
    Random random = new Random(7);
    for (int round = 0; round < ROUNDS; round++) {
      Case a = Case.random(0, random);
      Case.verify(delta, a.set().shift(delta), a.bits());
      assertThat(a.set().shift(delta).shift(-delta)).isEqualTo(a.set());
    }
  }
}
