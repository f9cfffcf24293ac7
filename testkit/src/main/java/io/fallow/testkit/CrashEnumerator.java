package io.fallow.testkit;

import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * The states in which a power cut can leave a file, from its content at the start and the changes
 * made to it.
 *
 * <p>What a returned flush covers is there as a whole. Of the changes since then, any may be
 * missing, in any order, and each may be there in part: a write by 512-byte sectors, a punch by
 * 512-byte or 4 KiB granules, and a write beyond the end as a larger size without its bytes. For
 * each window between two flushes this gives, without repeats:
 *
 * <ul>
 *   <li>every prefix of its changes, and every prefix whose last change is torn after each of its
 *       sectors (spread evenly where these are many);
 *   <li>every subset of its changes if these are few, else a seeded sample of subsets;
 *   <li>a seeded sample of shuffled subsets in which every change is torn at random.
 * </ul>
 *
 * Same input and seed, same states in the same order.
 */
public final class CrashEnumerator {

  /** The unit in which a disk writes all or nothing, in bytes. */
  public static final int SECTOR = 512;

  private static final int GRANULE = 4096;
  private static final int TEARS_PER_OPERATION = 16;
  private static final int ALL_SUBSETS_UP_TO = 7;

  /** Looks at one state, and throws if it is not acceptable. */
  @FunctionalInterface
  public interface Check {
    /** The state may be changed at will. */
    void accept(OverlayFile state) throws IOException;
  }

  private final MemoryFile initial;
  private final List<Operation> log;
  private final int samples;
  private final Random random;
  private final Set<Long> seen = new HashSet<>();
  private int states;

  /**
   * Prepares the crash states of one run.
   *
   * @param initial the file before the first change
   * @param log the changes
   * @param samples how many random subsets, and as many torn ones, are tried in each window
   * @param seed of the random choices
   */
  public CrashEnumerator(MemoryFile initial, List<Operation> log, int samples, long seed) {
    this.initial = initial.copy();
    this.log = List.copyOf(log);
    this.samples = samples;
    this.random = new Random(seed);
  }

  /**
   * Shows every state to {@code check}.
   *
   * @return how many different states there were
   * @throws AssertionError from the check, wrapped in one that tells which changes had arrived
   */
  public int forEach(Check check) throws IOException {
    MemoryFile durable = initial;
    List<Operation> window = new ArrayList<>();
    int number = 0;
    for (Operation operation : log) {
      if (operation instanceof Operation.Flush) {
        enumerate(number++, durable, window, check);
        for (Operation done : window) {
          done.apply(durable);
        }
        window.clear();
      } else {
        window.add(operation);
      }
    }
    enumerate(number, durable, window, check);
    return states;
  }

  private void enumerate(int number, MemoryFile durable, List<Operation> window, Check check)
      throws IOException {
    // States are told apart relative to what is durable.
    seen.clear();
    Window at = new Window(number, durable, check);
    for (int length = 0; length <= window.size(); length++) {
      at.visit(window.subList(0, length));
      if (length < window.size()) {
        tearLast(at, window.subList(0, length), window.get(length));
      }
    }
    subsets(at, window);
    for (int i = 0; i < samples && !window.isEmpty(); i++) {
      List<Operation> arrived = new ArrayList<>();
      for (Operation operation : window) {
        arrived.addAll(someOf(operation));
      }
      if (random.nextBoolean()) {
        Collections.shuffle(arrived, random);
      }
      at.visit(arrived);
    }
  }

  /** The states in which {@code last} arrived from its start up to some sector, or from one on. */
  private static void tearLast(Window at, List<Operation> before, Operation last)
      throws IOException {
    List<Operation> pieces = piecesOf(last, SECTOR);
    int step = Math.max(1, pieces.size() / TEARS_PER_OPERATION);
    for (int cut = step; cut < pieces.size(); cut += step) {
      for (List<Operation> part :
          List.of(pieces.subList(0, cut), pieces.subList(cut, pieces.size()))) {
        List<Operation> arrived = new ArrayList<>(before);
        arrived.addAll(part);
        at.visit(arrived);
      }
    }
  }

  private void subsets(Window at, List<Operation> window) throws IOException {
    boolean all = window.size() <= ALL_SUBSETS_UP_TO;
    int count = all ? 1 << window.size() : samples;
    for (int i = 0; i < count; i++) {
      List<Operation> arrived = new ArrayList<>();
      // From nearly nothing to nearly everything.
      double share = random.nextDouble();
      for (int j = 0; j < window.size(); j++) {
        if (all ? (i >> j & 1) == 1 : random.nextDouble() < share) {
          arrived.add(window.get(j));
        }
      }
      at.visit(arrived);
    }
  }

  /** A random part of one change: nothing, all, or some of its pieces. */
  private List<Operation> someOf(Operation operation) {
    int kind = random.nextInt(4);
    if (kind == 0) {
      return List.of();
    }
    if (kind == 1) {
      return List.of(operation);
    }
    List<Operation> some = new ArrayList<>();
    if (operation instanceof Operation.Write write && random.nextInt(4) == 0) {
      some.add(new Operation.Write(write.offset() + write.data().length, new byte[0]));
    }
    double share = random.nextDouble();
    for (Operation piece : piecesOf(operation, random.nextBoolean() ? SECTOR : GRANULE)) {
      if (random.nextDouble() < share) {
        some.add(piece);
      }
    }
    return some;
  }

  /** A change cut at the multiples of {@code unit}; a write always at sectors. */
  private static List<Operation> piecesOf(Operation operation, int unit) {
    List<Operation> pieces = new ArrayList<>();
    switch (operation) {
      case Operation.Write write -> {
        MemorySegment data = MemorySegment.ofArray(write.data());
        for (int done = 0; done < write.data().length; ) {
          long at = write.offset() + done;
          int length = (int) Math.min(write.data().length - done, SECTOR - at % SECTOR);
          byte[] piece =
              data.asSlice(done, length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
          pieces.add(new Operation.Write(at, piece));
          done += length;
        }
      }
      case Operation.Punch punch -> {
        long end = punch.range().end();
        for (long at = punch.range().start(); at < end; ) {
          long next = Math.min(end, at - at % unit + unit);
          pieces.add(new Operation.Punch(new Extent(at, next)));
          at = next;
        }
      }
      case Operation.Resize _, Operation.Flush _ -> pieces.add(operation);
    }
    return pieces;
  }

  /** Shows states between two flushes to the check. */
  private final class Window {

    private final int number;
    private final MemoryFile durable;
    private final Check check;

    Window(int number, MemoryFile durable, Check check) {
      this.number = number;
      this.durable = durable;
      this.check = check;
    }

    void visit(List<Operation> arrived) throws IOException {
      OverlayFile state = new OverlayFile(durable);
      for (Operation operation : arrived) {
        operation.apply(state);
      }
      if (!seen.add(state.fingerprint())) {
        return;
      }
      states++;
      try {
        check.accept(state);
      } catch (AssertionError | IOException | RuntimeException failure) {
        throw new AssertionError(
            "crash state %d, after flush %d with %s: %s"
                .formatted(states, number, arrived, failure.getMessage()),
            failure);
      }
    }
  }
}
