package io.fallow.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fallow.device.HostException;
import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FaultyFileTest {

  private static final Set<FaultyFile.Call> ALL = EnumSet.allOf(FaultyFile.Call.class);

  private static void useAll(FaultyFile file) throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(Qcow2Builder.pattern(1, 100));
    file.write(0, bytes);
    file.flush();
    file.read(0, bytes);
    file.allocated(file.extent());
    file.punch(new Extent(0, 50));
    file.resize(10);
  }

  @Test
  void failsEveryCallOnceAndNoOther() throws IOException {
    var fault = new FaultyFile.Fault(ALL, 0, HostException.ENOSPC, false);
    int failed =
        FaultyFile.everyCall(
            fault,
            at -> {
              FaultyFile file = new FaultyFile(new MemoryFile("f", 1000), at);
              try {
                useAll(file);
              } catch (HostException e) {
                assertThat(e).isSameAs(file.thrown());
                assertThat(e.errno()).isEqualTo(HostException.ENOSPC);
              }
              return file;
            });
    assertThat(failed).isEqualTo(6);
  }

  @Test
  void countsOnlyTheCallsAskedFor() throws IOException {
    var fault =
        new FaultyFile.Fault(Set.of(FaultyFile.Call.PUNCH), 0, HostException.EOPNOTSUPP, false);
    FaultyFile file = new FaultyFile(new MemoryFile("f", 1000), fault);
    assertThatThrownBy(() -> useAll(file))
        .isInstanceOfSatisfying(HostException.class, e -> assertThat(e.isUnsupported()).isTrue())
        .hasMessageContaining("f at 0x0+0x32: punch failed");
    assertThat(file.changesAfter()).isZero();
    file.flush();
    assertThat(file.changesAfter()).isEqualTo(1);
  }

  @Test
  void aShortWriteLeavesItsFirstHalf() throws IOException {
    MemoryFile memory = new MemoryFile("f", 1000);
    var fault = new FaultyFile.Fault(Set.of(FaultyFile.Call.WRITE), 0, HostException.EIO, true);
    FaultyFile file = new FaultyFile(memory, fault);
    assertThatThrownBy(() -> useAll(file)).isInstanceOf(HostException.class);
    byte[] found = new byte[100];
    memory.read(0, MemorySegment.ofArray(found));
    byte[] expected = Qcow2Builder.pattern(1, 100);
    java.util.Arrays.fill(expected, 50, 100, (byte) 0);
    assertThat(found).isEqualTo(expected);
  }
}
