package io.fallow.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.MemoryFile;
import io.fallow.testkit.tools.Tools;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The builder and the oracle against each other and against {@code qemu-img}. */
final class Qcow2BuilderTest {

  @TempDir private Path folder = Path.of("set by JUnit");

  private static byte[] pattern(int seed, int clusterBits) {
    return Qcow2Builder.pattern(seed, 1 << clusterBits);
  }

  private Path save(MemoryFile file) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(file.size())];
    file.read(0, MemorySegment.ofArray(bytes));
    return Files.write(folder.resolve("test.qcow2"), bytes);
  }

  private static Qcow2Builder everything(int version, int bits, int order, boolean zstd) {
    Qcow2Builder image = new Qcow2Builder(version, bits, (40L << bits) - 512);
    if (version == 3) {
      image.refcountOrder(order);
    }
    if (zstd) {
      image.zstd();
    }
    image.data(0, pattern(1, bits)).data(7, pattern(2, bits)).data(39, pattern(3, bits));
    if (order > 0) {
      // Several compressed clusters share a host cluster, which needs a count above 1.
      image.compressed(9, pattern(4, bits));
    }
    if (order > 1) {
      image.compressed(10, pattern(5, bits)).compressed(11, pattern(6, bits));
      image.snapshot("before").data(7, pattern(7, bits)).compressed(12, pattern(8, bits));
    }
    if (version == 3) {
      image.zero(20).preallocatedZero(21, pattern(9, bits));
    }
    return image;
  }

  private static byte[] expected(int bits, int order) {
    byte[] guest = new byte[(40 << bits) - 512];
    int[][] clusters = {{0, 1}, {7, order > 1 ? 7 : 2}, {39, 3}, {9, 4}, {10, 5}, {11, 6}, {12, 8}};
    for (int[] cluster : clusters) {
      boolean present = cluster[0] < 9 || cluster[0] == 39 || order > (cluster[0] == 9 ? 0 : 1);
      if (present) {
        int start = cluster[0] << bits;
        byte[] content = pattern(cluster[1], bits);
        System.arraycopy(content, 0, guest, start, Math.min(1 << bits, guest.length - start));
      }
    }
    return guest;
  }

  @ParameterizedTest
  @CsvSource({
    "2,9,4,false", "2,12,4,false", "2,16,4,false", "3,9,0,false", "3,9,1,false", "3,9,2,false",
    "3,9,3,false", "3,9,4,true", "3,9,5,false", "3,9,6,false", "3,12,2,false", "3,16,4,false",
    "3,16,6,true", "3,18,3,false"
  })
  void agreesWithQemu(int version, int bits, int order, boolean zstd) throws IOException {
    Tools.require("qemu-img");
    MemoryFile file = everything(version, bits, order, zstd).build();
    Qcow2Oracle oracle = new Qcow2Oracle(file);
    assertThat(oracle.corruptions()).isEmpty();
    assertThat(oracle.leaks()).isZero();
    assertThat(oracle.guest(new byte[0])).isEqualTo(expected(bits, order));
    Path image = save(file);
    Tools.Result check = Tools.attempt("qemu-img", "check", image.toString());
    assertThat(check.exit()).as(check.all()).isZero();
    Path raw = folder.resolve("test.raw");
    Tools.Result convert =
        Tools.attempt(
            "qemu-img", "convert", "-f", "qcow2", "-O", "raw", image.toString(), raw.toString());
    assertThat(convert.exit()).as(convert.all()).isZero();
    assertThat(Files.readAllBytes(raw)).isEqualTo(oracle.guest(new byte[0]));
    if (order > 1) {
      Tools.Result snapshot =
          Tools.attempt(
              "qemu-img",
              "convert",
              "-l",
              "before",
              "-f",
              "qcow2",
              "-O",
              "raw",
              image.toString(),
              raw.toString());
      assertThat(snapshot.exit()).as(snapshot.all()).isZero();
      assertThat(Files.readAllBytes(raw)).isEqualTo(oracle.snapshot(0, new byte[0]));
    }
  }

  @ParameterizedTest
  @CsvSource({"2,9,4", "3,9,0", "3,12,4", "3,16,5"})
  void leaksAreLeaksAndUnpunchedClustersAreNot(int version, int bits, int order)
      throws IOException {
    Tools.require("qemu-img");
    Qcow2Builder image = everything(version, bits, order, false);
    image.leak(pattern(30, bits)).unpunched(pattern(31, bits)).leak(pattern(32, bits));
    image.data(15, pattern(33, bits)).unpunched(pattern(34, bits));
    MemoryFile file = image.build();
    Qcow2Oracle oracle = new Qcow2Oracle(file);
    assertThat(oracle.corruptions()).isEmpty();
    assertThat(oracle.leaks()).isEqualTo(2);
    assertThat(oracle.freeTail()).isEqualTo(1);
    Tools.Result check = Tools.attempt("qemu-img", "check", save(file).toString());
    assertThat(check.exit()).as(check.all()).isEqualTo(3);
    assertThat(check.all()).contains("2 leaked clusters");
  }

  @Test
  void staleRefcountsAreCorruptForBoth() throws IOException {
    Tools.require("qemu-img");
    MemoryFile file = everything(3, 12, 4, false).data(15, pattern(1, 12)).dirty(1).build();
    Qcow2Oracle oracle = new Qcow2Oracle(file);
    assertThat(oracle.dirty()).isTrue();
    assertThat(oracle.corruptions()).isNotEmpty();
    Tools.Result check = Tools.attempt("qemu-img", "check", save(file).toString());
    assertThat(check.exit()).as(check.all()).isEqualTo(2);
  }

  @Test
  void unmappedClustersShowTheBackingFile() throws IOException {
    Tools.require("qemu-img");
    byte[] backing = Qcow2Builder.pattern(50, 30_000);
    Files.write(folder.resolve("base.raw"), backing);
    MemoryFile file =
        new Qcow2Builder(3, 12, 40 << 12)
            .backing("base.raw")
            .data(2, pattern(1, 12))
            .zero(3)
            .build();
    Path raw = folder.resolve("test.raw");
    Tools.Result convert =
        Tools.attempt(
            "qemu-img",
            "convert",
            "-f",
            "qcow2",
            "-O",
            "raw",
            save(file).toString(),
            raw.toString());
    assertThat(convert.exit()).as(convert.all()).isZero();
    byte[] guest = new Qcow2Oracle(file).guest(backing);
    assertThat(guest).isEqualTo(Files.readAllBytes(raw));
    assertThat(Arrays.copyOf(guest, 4096)).isEqualTo(Arrays.copyOf(backing, 4096));
  }
}
