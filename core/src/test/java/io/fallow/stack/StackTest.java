package io.fallow.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.device.Device;
import io.fallow.device.Limits;
import io.fallow.device.MemoryFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.format.FileSystem;
import io.fallow.format.Layer;
import io.fallow.format.Opaque;
import io.fallow.format.Refusal;
import io.fallow.format.Refused;
import io.fallow.volume.Disks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StackTest {

  @Test
  void findsVolumesInPartitions() throws IOException {
    byte[] content = Disks.bytes("gpt");
    System.arraycopy(Disks.bytes("swap-4096"), 0, content, 2048 * 512, 1 << 20);
    Node disk = Stack.of(Disks.sparse(content));
    assertThat(disk.path()).isEmpty();
    assertThat(disk.place()).isEqualTo(new Extent(0, 4 << 20));
    assertThat(disk.children()).extracting(Node::path).containsExactly("gpt/1", "gpt/2", "gpt/3");
    assertThat(disk.children().get(0).content()).isEqualTo(new Opaque("bios-boot", true));
    assertThat(disk.children().get(1).content()).isInstanceOf(FileSystem.class);
    assertThat(disk.children().get(1).place()).isEqualTo(new Extent(1 << 20, 2 << 20));
    assertThat(disk.children().get(2).content()).isEqualTo(new Opaque("blank", true));
  }

  @Test
  void namesBootLoadersAndUnknownContent() throws IOException {
    byte[] content = Disks.bytes("gpt");
    content[34 * 512] = 1;
    content[4096 * 512] = 1;
    Node disk = Stack.of(Disks.sparse(content));
    assertThat(disk.children().get(0).content()).isEqualTo(new Opaque("bios-boot", false));
    assertRefused(disk.children().get(2), "unknown", Refusal.Kind.UNKNOWN, "nothing in it");
  }

  @Test
  void findsTablesInPartitions() throws IOException {
    byte[] content = new byte[8 << 20];
    Disks.mbrEntry(content, 0, 0, 0x83, 2048, 8192);
    System.arraycopy(Disks.bytes("mbr"), 0, content, 1 << 20, 4 << 20);
    content[(1 << 20) + 6144 * 512] = 1;
    Node inner = Stack.of(Disks.sparse(content)).children().getFirst();
    assertThat(inner.content()).isInstanceOf(Layer.class);
    Node last = inner.children().getLast();
    assertThat(last.path()).isEqualTo("mbr/1/mbr/7");
    assertThat(last.place()).isEqualTo(new Extent(4 << 20, 5 << 20));
    assertThat(last.device().name()).isEqualTo("disk:mbr/1:mbr/7");
  }

  @Test
  void stopsAtTablesNestedTooDeep() throws IOException {
    byte[] content = new byte[1 << 20];
    for (int depth = 0; depth < 20; depth++) {
      Disks.mbrEntry(content, depth * 512L, 0, 0x83, 1, 2047 - depth);
    }
    content[20 * 512 + 3] = 1;
    Node node = Stack.of(Disks.sparse(content));
    for (int depth = 0; depth < Stack.MAXIMUM_DEPTH; depth++) {
      node = node.children().getFirst();
    }
    assertThat(node.children()).isEmpty();
    assertRefused(node, "mbr", Refusal.Kind.UNSUPPORTED, "more than 256 volumes, or nested");
  }

  @Test
  void refusesBrokenTable() throws IOException {
    byte[] content = Disks.bytes("gpt");
    content[512 + 0x38] ^= 1;
    Node disk = Stack.of(Disks.sparse(content));
    assertRefused(disk, "gpt", Refusal.Kind.CORRUPT, "disk at 0x210: HeaderCRC32");
    assertThat(disk.children()).isEmpty();
  }

  @Test
  void refusesTwoSignatures() throws IOException {
    byte[] content = Disks.bytes("swap-4096");
    put(content, 0x218, "LVM2 001");
    assertRefused(
        Stack.of(Disks.sparse(content)),
        "swap+LVM2_member",
        Refusal.Kind.AMBIGUOUS,
        "holds the signatures of swap and LVM2_member (LVM2_member at 0x218)");
  }

  @Test
  void refusesTwoUnderstoodFormats() throws IOException {
    byte[] content = Disks.bytes("swap-4096");
    Disks.mbrEntry(content, 0, 0, 0x83, 1024, 1024);
    assertRefused(
        Stack.of(Disks.sparse(content)),
        "mbr+swap",
        Refusal.Kind.AMBIGUOUS,
        "holds the signatures of mbr and swap");
  }

  @Test
  void suspendedGuestPrevailsOverAmbiguity() throws IOException {
    byte[] content = Disks.bytes("swap-4096");
    put(content, 4086, "S1SUSPEND\0");
    put(content, 0x218, "LVM2 001");
    Disks.mbrEntry(content, 0, 0, 0x83, 1024, 1024);
    assertRefused(
        Stack.of(Disks.sparse(content)),
        "swsuspend",
        Refusal.Kind.HIBERNATED,
        "disk at 0xff6: S1SUSPEND");
  }

  @Test
  void refusesForeignFormatByName() throws IOException {
    byte[] content = new byte[1 << 20];
    put(content, 0x10040, "_BHRfS_M");
    assertRefused(
        Stack.of(Disks.sparse(content)),
        "btrfs",
        Refusal.Kind.UNSUPPORTED,
        "Fallow does not understand btrfs at 0x10040 yet");
  }

  @Test
  void leavesSignaturesInPartitionsToThem() throws IOException {
    byte[] content = Disks.bytes("mbr");
    // The last partition ends with the disk, and so does a RAID superblock in it.
    put(content, content.length - 1024, "Intel Raid ISM Cfg Sig. ");
    Node disk = Stack.of(Disks.sparse(content));
    assertThat(disk.content()).isInstanceOf(Layer.class);
    assertRefused(
        disk.children().getLast(), "isw_raid_member", Refusal.Kind.UNSUPPORTED, "Fallow does not");
    byte[] outside = Disks.bytes("gpt");
    put(outside, 64 << 10 | 0x40, "_BHRfS_M");
    assertRefused(Stack.of(Disks.sparse(outside)), "gpt+btrfs", Refusal.Kind.AMBIGUOUS, "holds");
  }

  @Test
  void readsLittleOfFullDisk() throws IOException {
    byte[] content = new byte[16 << 20];
    new Random(7).nextBytes(content);
    Counting device = new Counting(MemoryFile.of("disk", content));
    assertRefused(Stack.of(device), "unknown", Refusal.Kind.UNKNOWN, "nothing in it");
    assertThat(device.bytes).isLessThan(100 << 10);
  }

  @Test
  void readsNoHoles() throws IOException {
    MemoryFile file = new MemoryFile("disk", 1L << 60);
    file.write(1L << 40, MemorySegment.ofArray(new byte[] {1}));
    Counting device = new Counting(file);
    assertRefused(Stack.of(device), "unknown", Refusal.Kind.UNKNOWN, "nothing in it");
    assertThat(device.bytes).isZero();
  }

  @Test
  void acceptsDevicesOfAnySize() throws IOException {
    assertThat(Stack.of(new MemoryFile("disk", 0)).content()).isEqualTo(new Opaque("blank", true));
    for (int size : new int[] {1, 100, 511, 512, 513, 1023, 1024, 4095, 4096, 5000, 66_000}) {
      byte[] content = new byte[size];
      content[0] = 1;
      assertRefused(
          Stack.of(MemoryFile.of("disk", content)), "unknown", Refusal.Kind.UNKNOWN, "nothing");
    }
  }

  private static void put(byte[] content, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, content, at, bytes.length);
  }

  private static void assertRefused(Node node, String type, Refusal.Kind kind, String reason) {
    assertThat(node.content()).isInstanceOf(Refused.class);
    Refused refused = (Refused) node.content();
    assertThat(refused.type()).isEqualTo(type);
    assertThat(refused.refusal().kind()).isEqualTo(kind);
    assertThat(refused.refusal().reason()).startsWith(reason);
  }

  /** Counts the bytes that are read. */
  private static final class Counting implements Device {

    private final Device device;
    private long bytes;

    Counting(Device device) {
      this.device = device;
    }

    @Override
    public String name() {
      return device.name();
    }

    @Override
    public long size() {
      return device.size();
    }

    @Override
    public Limits limits() {
      return device.limits();
    }

    @Override
    public void read(long offset, MemorySegment target) throws IOException {
      bytes += target.byteSize();
      device.read(offset, target);
    }

    @Override
    public ExtentSet allocated(Extent window) throws IOException {
      return device.allocated(window);
    }
  }
}
