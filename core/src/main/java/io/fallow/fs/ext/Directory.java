package io.fallow.fs.ext;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * One directory: blocks of {@code struct ext4_dir_entry_2}, whose lengths chain them up to the
 * block's end, or to the checksum there.
 */
final class Directory implements FileMap.Visitor {

  private static final int BATCH = 1 << 18;
  private static final int HEADER = 8;
  private static final int LEAST_ENTRY = 12;
  private static final int TAIL = 12;
  private static final int TAIL_TYPE = 0xDE;

  /** Beyond this many entries names are no longer compared: bounds the memory. */
  private static final int MOST_NAMES = 1 << 22;

  private final Volume volume;
  private final Inode inode;
  private final DirectoryTree tree;
  private final long blocks;
  private final HashIndex index;
  private long[] names = new long[16];
  private int nameCount;
  private long dotDot;

  Directory(Volume volume, Inode inode, DirectoryTree tree) {
    this.volume = volume;
    this.inode = inode;
    this.tree = tree;
    this.blocks = inode.has(Inode.Flag.INLINE_DATA) ? 0 : inode.size() / volume.blockSize();
    this.index = new HashIndex(volume, inode, blocks);
  }

  /** The inode that ".." names; known after {@link #check}. */
  long dotDot() {
    return dotDot;
  }

  /** Reads all entries. */
  void check() throws IOException {
    if (inode.has(Inode.Flag.INLINE_DATA)) {
      readInline();
    } else {
      FileMap.walk(volume, inode, this);
      index.checkComplete();
    }
    long[] sorted = Arrays.copyOf(names, nameCount);
    Arrays.sort(sorted);
    for (int i = 1; i < sorted.length; i++) {
      volume.check(sorted[i] != sorted[i - 1], inode.number(), "two entries have the same name");
    }
  }

  @Override
  public void node(long block) {}

  @Override
  public void run(long logical, long physical, long length, boolean written) throws IOException {
    int blockSize = volume.blockSize();
    long end = Math.min(logical + length, blocks);
    int most = Math.max(1, BATCH / blockSize);
    for (long at = logical; at < end; at += most) {
      int count = (int) Math.min(most, end - at);
      Bytes batch =
          volume
              .device()
              .bytes(
                  (physical + at - logical) * blockSize,
                  count * blockSize,
                  ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < count; i++) {
        readBlock(at + i, batch.slice((long) i * blockSize, blockSize));
      }
    }
  }

  private void readBlock(long logical, Bytes block) throws IOException {
    int end = (int) block.size();
    if (index.isNode(logical, block)) {
      index.read(logical, block);
    } else if (volume.has(Feature.METADATA_CSUM)) {
      end -= TAIL;
      verifyChecksum(block, end);
    }
    int at = 0;
    if (logical == 0) {
      at = readDots(block, end);
    }
    readEntries(block, at, end);
  }

  /** The two entries with which a directory starts; the second may span the rest of the block. */
  private int readDots(Bytes block, int end) throws IOException {
    int second = length(block, 0, end);
    long self = block.u32(0);
    check(
        block,
        self == inode.number() && block.u8(6) == 1 && block.u8(HEADER) == '.',
        0,
        "the first entry is not '.' for inode %d",
        inode.number());
    tree.entry(inode, self, true, kind(block, 0));
    check(block, second < end, 0, "'.' spans the block");
    int next = second + length(block, second, end);
    check(
        block,
        block.u8(second + 6) == 2
            && block.u8(second + HEADER) == '.'
            && block.u8(second + HEADER + 1) == '.',
        second,
        "the second entry is not '..'");
    dotDot = block.u32(second);
    tree.entry(inode, dotDot, true, kind(block, second));
    return next;
  }

  private void readInline() throws IOException {
    Bytes head = inode.block();
    dotDot = head.u32(0);
    tree.entry(inode, inode.number(), true, -1);
    tree.entry(inode, dotDot, true, -1);
    readEntries(head, 4, Inode.BLOCK_SIZE);
    ExtendedAttributes attributes =
        new ExtendedAttributes(
            volume,
            inode,
            new SparseBits(
                volume.device().name(),
                "attribute inodes",
                volume.superblock().inodesCount() + 1,
                1 << 20));
    attributes.readBody();
    Bytes rest = attributes.inlineData();
    if (rest.size() > 0) {
      readEntries(rest, 0, (int) rest.size());
    }
  }

  private void readEntries(Bytes block, int start, int end) throws IOException {
    for (int at = start; at < end; ) {
      int length = length(block, at, end);
      long target = block.u32(at);
      if (target != 0) {
        int nameLength = nameLength(block, at);
        checkName(block, at, nameLength);
        tree.entry(inode, target, false, kind(block, at));
      }
      at += length;
    }
  }

  private int length(Bytes block, int at, int end) throws CorruptFormatException {
    check(block, at <= end - LEAST_ENTRY, at, "an entry starts less than 12 bytes before the end");
    int length = block.u16(at + 4);
    if (block.size() >= 1 << 16 && (length == 0 || length == 0xFFFF)) {
      length = 1 << 16;
    } else if (block.size() >= 1 << 16) {
      length = (length & 0xFFFC) | ((length & 3) << 16);
    }
    int used = block.u32(at) == 0 ? LEAST_ENTRY : HEADER + nameLength(block, at);
    check(
        block,
        length >= LEAST_ENTRY && length % 4 == 0 && length >= used && length <= end - at,
        at + 4,
        "rec_len is %d, expected a multiple of 4 from %d to %d",
        length,
        used,
        end - at);
    return length;
  }

  private int nameLength(Bytes block, int at) throws CorruptFormatException {
    return volume.has(Feature.FILETYPE) ? block.u8(at + 6) : block.u16(at + 6);
  }

  private int kind(Bytes block, int at) throws CorruptFormatException {
    return volume.has(Feature.FILETYPE) ? block.u8(at + 7) : -1;
  }

  private void checkName(Bytes block, int at, int length) throws CorruptFormatException {
    check(block, length > 0 && length <= 255, at + 6, "name_len is %d", length);
    int first = block.u8(at + HEADER);
    boolean dots =
        first == '.' && (length == 1 || (length == 2 && block.u8(at + HEADER + 1) == '.'));
    check(block, !dots, at, "'.' or '..' stands here again");
    boolean plain = !inode.has(Inode.Flag.ENCRYPT);
    long hash = length;
    for (int i = 0; i < length; i++) {
      int letter = block.u8(at + HEADER + i);
      check(
          block,
          !plain || (letter != 0 && letter != '/'),
          at + HEADER + i,
          "a name holds the byte 0x%02x",
          letter);
      hash = (hash ^ letter) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 29;
    }
    if (nameCount < MOST_NAMES) {
      if (nameCount == names.length) {
        names = Arrays.copyOf(names, nameCount * 2);
      }
      names[nameCount++] = hash;
    }
  }

  private void verifyChecksum(Bytes block, int at) throws CorruptFormatException {
    check(
        block,
        block.u32(at) == 0
            && block.u16(at + 4) == TAIL
            && block.u8(at + 6) == 0
            && block.u8(at + 7) == TAIL_TYPE,
        at,
        "there is no checksum at the end of the block");
    int expected = inode.checksum(volume.superblock()).add(block.slice(0, at).memory()).value();
    int found = block.bits32(at + HEADER);
    check(
        block,
        found == expected,
        at + HEADER,
        "det_checksum is 0x%08x, expected 0x%08x",
        found,
        expected);
  }

  private void check(Bytes block, boolean condition, int at, String message, Object... arguments)
      throws CorruptFormatException {
    if (!condition) {
      throw block.corrupt(
          at,
          "inode %d: directory block: %s; run e2fsck -f",
          inode.number(),
          message.formatted(arguments));
    }
  }
}
