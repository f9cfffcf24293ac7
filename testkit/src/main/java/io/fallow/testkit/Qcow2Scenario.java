package io.fallow.testkit;

import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A qcow2 image and a set of free guest bytes, for crash and fault tests.
 *
 * @param name of the case
 * @param file the image; shared, so to be copied before it is changed
 * @param free guest bytes that may be released
 * @param backing the content of the backing file; empty if there is none
 * @param snapshots the number of internal snapshots
 * @param samples how many random crash states are worth their time in each window
 */
@SuppressWarnings("ArrayRecordComponent") // compared by no one
public record Qcow2Scenario(
    String name, MemoryFile file, ExtentSet free, byte[] backing, int snapshots, int samples) {

  /** The pattern of what is free repeats after so many clusters. */
  private static final int PERIOD = 48;

  /** The guest's disk in clusters; the last one is there in part. Several L2 tables if small. */
  private static int clusters(int bits) {
    return switch (bits) {
      case 9 -> 700;
      case 12 -> 160;
      default -> 24;
    };
  }

  @Override
  public String toString() {
    return name;
  }

  /** All cases. */
  public static List<Qcow2Scenario> all() {
    List<Qcow2Scenario> all = new ArrayList<>();
    for (int bits : new int[] {9, 12, 16}) {
      all.add(plain("v2, clusters of 2^" + bits, new Plain(2, bits, 4)));
      all.add(plain("v3, clusters of 2^" + bits, new Plain(3, bits, 4)));
    }
    for (int order = 0; order <= 6; order++) {
      all.add(plain("refcounts of " + (1 << order) + " bits", new Plain(3, 9, order)));
    }
    for (int bits : new int[] {9, 16}) {
      all.add(backing(2, bits));
      all.add(backing(3, bits));
      all.add(compressed(2, bits, false));
      all.add(compressed(3, bits, true));
      all.add(snapshots(2, bits));
      all.add(snapshots(3, bits));
      all.add(unowned(bits));
      all.add(dirty(bits));
    }
    return all;
  }

  private record Plain(int version, int bits, int order) {}

  private static Qcow2Builder builder(int version, int bits) {
    return new Qcow2Builder(version, bits, ((long) clusters(bits) << bits) - 512);
  }

  private static byte[] content(int seed, int bits) {
    return Qcow2Builder.pattern(seed, 1 << bits);
  }

  /** Whole clusters, parts of clusters, and the end of the disk. */
  private static ExtentSet free(int bits) {
    long cluster = 1L << bits;
    ExtentSet.Builder free = ExtentSet.builder();
    for (int at = 0; at < clusters(bits); at += PERIOD) {
      free.add((at + 2) * cluster, (at + 7) * cluster);
      free.add((at + 9) * cluster + 512, (at + 12) * cluster);
      free.add((at + 15) * cluster, (at + 16) * cluster);
      free.add((at + 18) * cluster, (at + 22) * cluster - 100);
      free.add((at + 25) * cluster, (at + 33) * cluster);
    }
    free.add((clusters(bits) - 4) * cluster, clusters(bits) * cluster);
    return free.build().clip(new Extent(0, clusters(bits) * cluster));
  }

  private static Qcow2Scenario of(
      String name, Qcow2Builder image, int bits, byte[] backing, int snapshots) {
    int samples = bits == 16 ? 150 : 900;
    return new Qcow2Scenario(name, image.build(), free(bits), backing, snapshots, samples);
  }

  private static Consumer<Integer> writing(Qcow2Builder image, int bits) {
    return cluster -> image.data(cluster, content(100 + cluster, bits));
  }

  /** Data with gaps; what is free is in the middle of the file and at its end. */
  private static Qcow2Scenario plain(String name, Plain plain) {
    Qcow2Builder image = builder(plain.version(), plain.bits());
    if (plain.version() == 3) {
      image.refcountOrder(plain.order());
    }
    Consumer<Integer> write = writing(image, plain.bits());
    for (int cluster = 0; cluster < clusters(plain.bits()); cluster += cluster % 5 == 3 ? 2 : 1) {
      write.accept(cluster);
    }
    return of(name, image, plain.bits(), new byte[0], 0);
  }

  private static Qcow2Scenario backing(int version, int bits) {
    Qcow2Builder image = builder(version, bits).backing("base.raw");
    Consumer<Integer> write = writing(image, bits);
    for (int cluster = 0; cluster < clusters(bits); cluster += 3) {
      write.accept(cluster);
    }
    for (int cluster = 1; cluster < clusters(bits) && version == 3; cluster += 9) {
      image.preallocatedZero(cluster, content(300 + cluster, bits));
      image.zero(cluster + 3);
    }
    byte[] base = Qcow2Builder.pattern(77, (clusters(bits) - 5) << bits);
    return of("v%d over a backing file, 2^%d".formatted(version, bits), image, bits, base, 0);
  }

  /** Compressed clusters share host clusters, some of which hold used and free ones. */
  private static Qcow2Scenario compressed(int version, int bits, boolean zstd) {
    Qcow2Builder image = builder(version, bits);
    if (zstd) {
      image.zstd();
    }
    for (int cluster = 0; cluster < clusters(bits); cluster++) {
      if (cluster % 4 == 0) {
        image.data(cluster, content(100 + cluster, bits));
      } else if (cluster % 4 != 3) {
        image.compressed(cluster, content(100 + cluster, bits));
      }
    }
    return of("v%d compressed, 2^%d".formatted(version, bits), image, bits, new byte[0], 0);
  }

  /** Of a table that no snapshot shares any more, some clusters are shared and some are not. */
  private static Qcow2Scenario snapshots(int version, int bits) {
    Qcow2Builder image = builder(version, bits);
    Consumer<Integer> write = writing(image, bits);
    for (int cluster = 0; cluster < clusters(bits); cluster += 2) {
      write.accept(cluster);
    }
    image.compressed(5, content(5, bits)).compressed(19, content(6, bits));
    image.snapshot("first");
    for (int cluster = 1; cluster < clusters(bits); cluster += 6) {
      image.data(cluster, content(400 + cluster, bits));
    }
    image.snapshot("second");
    for (int cluster = 3; cluster < clusters(bits); cluster += 3) {
      image.data(cluster, content(500 + cluster, bits));
    }
    return of("v%d with snapshots, 2^%d".formatted(version, bits), image, bits, new byte[0], 2);
  }

  private static Qcow2Scenario unowned(int bits) {
    Qcow2Builder image = builder(3, bits);
    Consumer<Integer> write = writing(image, bits);
    for (int cluster = 0; cluster < clusters(bits); cluster += 2) {
      write.accept(cluster);
      switch (cluster % 6) {
        case 0 -> image.leak(content(600 + cluster, bits));
        case 2 -> image.unpunched(content(700 + cluster, bits));
        default -> {}
      }
    }
    image.leak(content(1, bits)).unpunched(content(2, bits));
    return of("leaks and unpunched clusters, 2^" + bits, image, bits, new byte[0], 0);
  }

  private static Qcow2Scenario dirty(int bits) {
    Qcow2Builder image = builder(3, bits);
    Consumer<Integer> write = writing(image, bits);
    image.leak(content(1, bits));
    for (int cluster = 0; cluster < clusters(bits); cluster += 2) {
      write.accept(cluster);
    }
    return of("dirty, 2^" + bits, image.dirty(5), bits, new byte[0], 0);
  }
}
