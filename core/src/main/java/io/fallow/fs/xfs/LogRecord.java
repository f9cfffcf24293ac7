package io.fallow.fs.xfs;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.Crc32c;
import java.util.Optional;

/**
 * A record of the log, {@code struct xlog_rec_header} and what follows: in each of its basic blocks
 * the first word is the cycle in which it was written, and the words that stood there lie in the
 * headers.
 *
 * @param bytes the blocks from the header on, as far as they were read
 */
record LogRecord(Bytes bytes) {

  private static final int HEADER_CYCLE_SIZE = 32 * 1024;
  private static final int MAX_SIZE = 256 * 1024;
  private static final int CRC = 0x20;

  /** The header's size for its checksum: with its padding, or without it as on 32-bit x86. */
  private static final int[] CRC_HEADERS = {0x148, 0x144};

  /** What a further header's checksum covers: xh_cycle and xh_cycle_data. */
  private static final int CRC_FURTHER_HEADER = 0x104;

  private static final int OP_HEADER = 12;

  /** The most basic blocks that headers and content of an unmount record take, before padding. */
  static final int MAX_UNMOUNT_BLOCKS = MAX_SIZE / HEADER_CYCLE_SIZE + 1;

  /** Whether a basic block is the start of a record. */
  static boolean starts(Bytes blocks, long at) throws CorruptFormatException {
    return blocks.bits32(at) == Xfs.XLOG_HEADER_MAGIC;
  }

  /** The cycle in which the basic block at {@code at} was written. */
  static long cycle(Bytes blocks, long at) throws CorruptFormatException {
    return blocks.u32(starts(blocks, at) ? at + 4 : at); // h_cycle
  }

  /**
   * Whether this is a whole unmount record of this filesystem that fills its blocks.
   *
   * @param block where it lies in the log, in basic blocks
   * @return what it is instead, if it is not
   */
  Optional<String> notUnmount(Superblock sb, long block) throws CorruptFormatException {
    long blocks = bytes.size() / Xfs.BASIC_BLOCK;
    long headers = headerBlocks(sb);
    long length = bytes.u32(0x0C); // h_len
    if (headers == 0 || headers + Math.ceilDiv(length, Xfs.BASIC_BLOCK) != blocks) {
      return Optional.of("h_len %d does not reach the head %d blocks on".formatted(length, blocks));
    }
    long cycle = bytes.u32(0x04); // h_cycle
    long lsn = bytes.bits64(0x10); // h_lsn
    if (lsn != (cycle << 32 | block)) {
      return Optional.of("h_lsn 0x%x names another place".formatted(lsn));
    }
    if (!bytes.uuid(0x130).equals(sb.uuid())) { // h_fs_uuid
      return Optional.of("h_fs_uuid is another filesystem's");
    }
    long operations = bytes.u32(0x28); // h_num_logops
    if (operations != 1 || length < OP_HEADER) {
      return Optional.of("h_num_logops %d, not that of an unmount".formatted(operations));
    }
    long operation = headers * Xfs.BASIC_BLOCK;
    int client = bytes.u8(operation + 0x08); // oh_clientid
    int flags = bytes.u8(operation + 0x09); // oh_flags
    if (client != Xfs.XLOG_CLIENT || (flags & Xfs.XLOG_UNMOUNT_TRANS) == 0) {
      return Optional.of(
          "oh_clientid 0x%x, oh_flags 0x%x, not an unmount".formatted(client, flags));
    }
    int crc = bytes.bits32(CRC); // h_crc
    // What mkfs.xfs and xfs_repair write bears no checksum.
    if (crc != 0 && crc != crc(CRC_HEADERS[0], headers) && crc != crc(CRC_HEADERS[1], headers)) {
      return Optional.of("h_crc 0x%08x is wrong".formatted(crc));
    }
    return Optional.empty();
  }

  /** The basic blocks of its headers; 0 if h_size is absurd. */
  private long headerBlocks(Superblock sb) throws CorruptFormatException {
    long size = bytes.u32(0x140); // h_size
    boolean long2 = sb.logV2() && (bytes.bits32(0x08) & 2) != 0; // h_version
    if (!long2 || size <= HEADER_CYCLE_SIZE) {
      return 1;
    }
    return size > MAX_SIZE ? 0 : Math.ceilDiv(size, HEADER_CYCLE_SIZE);
  }

  private int crc(int headerSize, long headers) throws CorruptFormatException {
    Crc32c crc = Crc32c.seeded(Crc32c.START);
    crc.add(bytes.slice(0, CRC).memory()).fill(0, 4);
    crc.add(bytes.slice(CRC + 4L, headerSize - CRC - 4L).memory());
    long length = bytes.u32(0x0C); // h_len
    // Only the headers that this content needs: h_size may have made room for more.
    long used = Math.min(headers, Math.ceilDiv(length, HEADER_CYCLE_SIZE));
    for (int i = 1; i < used; i++) {
      crc.add(bytes.slice((long) i * Xfs.BASIC_BLOCK, CRC_FURTHER_HEADER).memory());
    }
    crc.add(bytes.slice(headers * Xfs.BASIC_BLOCK, length).memory());
    return Integer.reverseBytes(~crc.value());
  }
}
