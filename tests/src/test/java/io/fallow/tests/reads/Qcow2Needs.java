package io.fallow.tests.reads;

import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** The metadata of a qcow2 image without snapshots, by the specification. */
final class Qcow2Needs {

  private static final long OFFSET = 0x00FF_FFFF_FFFF_FE00L;

  private Qcow2Needs() {}

  /** The header, both refcount levels, and both mapping levels. */
  static ExtentSet of(Path image) throws IOException {
    try (FileChannel file = FileChannel.open(image)) {
      ByteBuffer header = read(file, 0, 512);
      long cluster = 1L << header.getInt(20);
      Needs needs = new Needs().add(0, 512);
      table(file, header.getLong(40), header.getInt(36), cluster, needs);
      int entries = (int) (header.getInt(56) * cluster / Long.BYTES);
      table(file, header.getLong(48), entries, cluster, needs);
      return needs.set();
    }
  }

  /** The bytes of the guest's disk that have clusters. */
  static ExtentSet mapped(Path image) throws IOException {
    ExtentSet.Builder mapped = ExtentSet.builder();
    for (String line : Guest.run("qemu-img", "map", image).lines().toList()) {
      if (line.startsWith("0")) {
        String[] columns = line.split("\\s+");
        mapped.add(Long.decode(columns[0]), Long.decode(columns[0]) + Long.decode(columns[1]));
      }
    }
    return mapped.build();
  }

  private static void table(FileChannel file, long at, int entries, long cluster, Needs needs)
      throws IOException {
    needs.add(at, (long) entries * Long.BYTES);
    ByteBuffer table = read(file, at, entries * Long.BYTES);
    for (int i = 0; i < entries; i++) {
      long child = table.getLong(i * Long.BYTES) & OFFSET;
      if (child != 0) {
        needs.add(child, cluster);
      }
    }
  }

  private static ByteBuffer read(FileChannel file, long at, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining() && file.read(bytes, at + bytes.position()) > 0) {
      // Until all of it is here.
    }
    return bytes;
  }
}
