package io.fallow.cli.image;

import io.fallow.device.Device;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Progress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A SHA-256 hash over chosen bytes of a disk, with their positions. Pieces that are all zero do not
 * enter it, so that holes need no reading, and a hole and zeros that take space count as equal: a
 * guest cannot tell them apart.
 */
public final class ContentHash {

  private static final int PIECE = 1 << 20;

  private ContentHash() {}

  /**
   * Hashes the bytes of {@code disk} that are in {@code chosen}.
   *
   * @return in hexadecimal
   */
  public static String of(Device disk, ExtentSet chosen, Progress progress) throws IOException {
    ExtentSet toRead = disk.allocated(disk.extent()).intersect(chosen);
    long total = toRead.total();
    MessageDigest digest = sha256();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment piece = arena.allocate(PIECE, 4096);
      MemorySegment zeros = arena.allocate(PIECE, 4096);
      ByteBuffer position = ByteBuffer.allocate(2 * Long.BYTES);
      long done = 0;
      for (Extent run : chosen) {
        // The grid of pieces belongs to the disk, whatever is allocated in it now.
        for (long at = run.start(); at < run.end(); ) {
          long end = at + Math.min(run.end() - at, PIECE - at % PIECE);
          Extent place = new Extent(at, end);
          if (toRead.overlaps(place)) {
            MemorySegment bytes = piece.asSlice(0, place.length());
            disk.read(at, bytes);
            if (bytes.mismatch(zeros.asSlice(0, place.length())) >= 0) {
              position.clear().putLong(at).putLong(end).flip();
              digest.update(position);
              digest.update(bytes.asByteBuffer());
            }
            done += place.length();
            progress.at("hashing", Math.min(done, total), total);
            at = end;
          } else {
            at = nextToRead(toRead, end, run.end());
          }
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The start of the first piece from {@code at} on that has something to read. */
  private static long nextToRead(ExtentSet toRead, long at, long limit) {
    int run = toRead.firstRunEndingAfter(at);
    if (run == toRead.runs()) {
      return limit;
    }
    long start = Math.max(at, toRead.start(run));
    return Math.min(limit, Math.max(at, start - start % PIECE));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every JDK has SHA-256", missing);
    }
  }
}
