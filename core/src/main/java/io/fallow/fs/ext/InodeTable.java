package io.fallow.fs.ext;

import io.fallow.bytes.Bytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/** Reads the inodes of all groups, in large pieces of their tables that hold an inode in use. */
final class InodeTable {

  private static final int BATCH = 1 << 16;
  private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[1 << 16]).asReadOnly();

  /** Is told of inodes. */
  interface Visitor {

    /**
     * An inode of a piece in which one is in use.
     *
     * @param used whether the inode bitmap calls it used
     */
    void inode(Inode inode, boolean used) throws IOException;
  }

  private final Volume volume;
  private final int perBatch;
  private long batchStart = -1;
  private Bytes batch = new Bytes(ZEROS, ByteOrder.LITTLE_ENDIAN, "", 0);

  InodeTable(Volume volume) {
    this.volume = volume;
    this.perBatch = BATCH / volume.superblock().inodeSize();
  }

  /** Visits all inodes, in the order of their numbers. */
  void forEach(Visitor visitor) throws IOException {
    GroupDescriptors descriptors = volume.descriptors();
    Bitmap bitmap = new Bitmap(volume.blockSize());
    try (BitmapReader reader =
        new BitmapReader(
            volume.device(),
            volume.geometry(),
            descriptors::inodeBitmap,
            group -> !descriptors.inodeBitmapUninitialised(group))) {
      for (int group = 0; group < volume.geometry().groups(); group++) {
        if (!descriptors.inodeBitmapUninitialised(group)) {
          bitmap.load(reader.read(group));
          visitGroup(group, bitmap, visitor);
        }
      }
    }
  }

  /** One inode; cheap if the one before it was asked for last. */
  Inode read(long number) throws IOException {
    long perGroup = volume.superblock().inodesPerGroup();
    int index = (int) ((number - 1) % perGroup);
    int inGroup = index % perBatch;
    long start = volume.inodeOffset(number) - (long) inGroup * volume.superblock().inodeSize();
    int count = Math.min(perBatch, (int) perGroup - (index - inGroup));
    return Inode.decode(slice(start, count, inGroup), number);
  }

  private void visitGroup(int group, Bitmap bitmap, Visitor visitor) throws IOException {
    int inodes = (int) volume.superblock().inodesPerGroup();
    int initialised = volume.descriptors().initialisedInodes(group);
    long first = (long) group * inodes + 1;
    int last = bitmap.nextSet(initialised);
    volume.check(
        last >= inodes,
        first + Math.min(last, inodes - 1),
        "in use, but bg_itable_unused covers it");
    for (int from = 0; from < initialised; from += perBatch) {
      int end = Math.min(from + perBatch, initialised);
      if (bitmap.nextSet(from) < end) {
        visitBatch(first, from, end, bitmap, visitor);
      }
    }
  }

  private void visitBatch(long first, int from, int end, Bitmap bitmap, Visitor visitor)
      throws IOException {
    long start = volume.inodeOffset(first + from);
    int count = Math.min(perBatch, (int) volume.superblock().inodesPerGroup() - from);
    for (int index = from; index < end; index++) {
      Bytes bytes = slice(start, count, index - from);
      boolean used = bitmap.nextSet(index) == index;
      if (volume.has(Feature.METADATA_CSUM) && !isZero(bytes)) {
        Inode.verifyChecksum(bytes, volume.superblock(), first + index);
      }
      visitor.inode(Inode.decode(bytes, first + index), used);
    }
  }

  private Bytes slice(long start, int count, int index) throws IOException {
    int size = volume.superblock().inodeSize();
    if (start != batchStart) {
      batchStart = -1;
      batch = volume.device().bytes(start, count * size, ByteOrder.LITTLE_ENDIAN);
      batchStart = start;
    }
    return batch.slice((long) index * size, size);
  }

  private static boolean isZero(Bytes bytes) {
    return bytes.memory().mismatch(ZEROS.asSlice(0, bytes.size())) < 0;
  }
}
