package io.fallow.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Small disks in files, put together byte by byte. */
final class Disks {

  static final int MIB = 1 << 20;
  private static final int PAGE = 4096;

  private Disks() {}

  /** A raw disk of 8 MiB that is one swap area, full of what was once swapped out. */
  static Path swap(Path file) throws IOException {
    ByteBuffer disk = ByteBuffer.allocate(8 * MIB).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.fill(disk.array(), (byte) 0x5a);
    Arrays.fill(disk.array(), 0, PAGE, (byte) 0);
    disk.putInt(1024, 1); // version
    disk.putInt(1028, disk.capacity() / PAGE - 1); // last_page
    disk.putInt(1032, 0); // nr_badpages
    disk.put(PAGE - 10, "SWAPSPACE2".getBytes(StandardCharsets.US_ASCII));
    return Files.write(file, disk.array());
  }

  /** A raw disk that holds nothing that is recognised. */
  static Path unknown(Path file) throws IOException {
    byte[] disk = new byte[MIB];
    Arrays.fill(disk, (byte) 0x5a);
    return Files.write(file, disk);
  }
}
