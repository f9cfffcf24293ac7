package io.fallow.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class CrashEnumeratorTest {

  private static final int SECTOR = CrashEnumerator.SECTOR;

  private static Operation.Write write(int sector, int... values) {
    byte[] data = new byte[values.length * SECTOR];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) values[i / SECTOR];
    }
    return new Operation.Write((long) sector * SECTOR, data);
  }

  /** The first byte of every sector. */
  private static String sectors(OverlayFile state) throws IOException {
    StringBuilder text = new StringBuilder();
    byte[] bytes = new byte[Math.toIntExact(state.size())];
    state.read(0, MemorySegment.ofArray(bytes));
    for (int at = 0; at < bytes.length; at += SECTOR) {
      text.append(bytes[at]);
    }
    return text.toString();
  }

  private static List<String> states(MemoryFile initial, Operation... log) throws IOException {
    List<String> states = new ArrayList<>();
    int count =
        new CrashEnumerator(initial, List.of(log), 200, 1)
            .forEach(state -> states.add(sectors(state)));
    assertThat(states).hasSize(count);
    return states;
  }

  @Test
  void aTornWriteLeavesAnySubsetOfItsSectors() throws IOException {
    assertThat(states(new MemoryFile("f", 3L * SECTOR), write(0, 1, 2, 3)))
        .containsExactlyInAnyOrder("000", "100", "020", "003", "120", "103", "023", "123");
  }

  @Test
  void changesBeforeAFlushArriveFirst() throws IOException {
    assertThat(
            states(
                new MemoryFile("f", 2L * SECTOR), write(0, 1), new Operation.Flush(), write(1, 2)))
        .containsOnly("00", "10", "12");
  }

  @Test
  void changesWithoutAFlushArriveInAnyOrder() throws IOException {
    assertThat(states(new MemoryFile("f", SECTOR), write(0, 1), write(0, 2)))
        .containsExactlyInAnyOrder("0", "1", "2");
  }

  @Test
  void punchesArriveInPart() throws IOException {
    MemoryFile initial = MemoryFile.of("f", write(0, 1, 1, 1).data());
    assertThat(states(initial, new Operation.Punch(new Extent(0, 2L * SECTOR))))
        .containsExactlyInAnyOrder("111", "011", "101", "001");
  }

  @Test
  void aResizeIsLostOrDone() throws IOException {
    MemoryFile initial = MemoryFile.of("f", write(0, 1, 1).data());
    assertThat(states(initial, new Operation.Resize(SECTOR))).containsExactlyInAnyOrder("11", "1");
  }

  @Test
  void aWriteBeyondTheEndMayLeaveTheSizeWithoutTheBytes() throws IOException {
    assertThat(new TreeSet<>(states(new MemoryFile("f", SECTOR), write(1, 2))))
        .containsExactly("0", "00", "02");
  }

  @Test
  void sameSeedSameStates() throws IOException {
    Operation[] log = new Operation[20];
    for (int i = 0; i < log.length; i++) {
      log[i] = write(i, i % 9 + 1, 7);
    }
    MemoryFile initial = new MemoryFile("f", 30L * SECTOR);
    List<String> first = states(initial, log);
    assertThat(states(initial, log)).isEqualTo(first).hasSizeGreaterThan(300);
  }

  @Test
  void theInitialFileStaysAsItWas() throws IOException {
    MemoryFile initial = new MemoryFile("f", SECTOR);
    states(initial, write(0, 5), new Operation.Flush(), write(0, 6));
    assertThat(sectors(new OverlayFile(initial))).isEqualTo("0");
  }

  @Test
  void aFailedCheckTellsWhatHadArrived() {
    MemoryFile initial = new MemoryFile("f", 2L * SECTOR);
    CrashEnumerator enumerator =
        new CrashEnumerator(
            initial, List.of(write(0, 1), new Operation.Flush(), write(1, 2)), 10, 1);
    assertThatThrownBy(
            () -> enumerator.forEach(state -> assertThat(sectors(state)).doesNotContain("2")))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("crash state 4, after flush 1 with [write 0x200+0x200]: ");
  }

  @Test
  void manyStatesAreCheap() throws IOException {
    // A file of 64 MiB: only an overlay makes thousands of states of it in a second or two.
    MemoryFile initial = MemoryFile.of("f", new byte[64 << 20]);
    List<Operation> log = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      log.add(write(i * 100, 1, 2, 3, 4));
    }
    Set<Long> prints = new HashSet<>();
    int count =
        new CrashEnumerator(initial, log, 2_000, 1)
            .forEach(state -> prints.add(state.fingerprint()));
    assertThat(count).isGreaterThan(3_000).isEqualTo(prints.size());
  }
}
