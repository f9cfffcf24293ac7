package io.fallow.fs.xfs;

import io.fallow.bytes.Bytes;
import io.fallow.device.MemoryFile;
import io.fallow.format.Content;
import io.fallow.format.FileSystem;
import io.fallow.fs.xfs.FreeSpaceBtree.Order;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPInputStream;

/**
 * A real image in memory whose fields a test changes, and whose checksums it then makes right
 * again, so that what is tested lies behind them.
 */
final class XfsImage {

  /** A structure with a checksum. */
  private record Sealed(long offset, int length, int crc) {}

  private static final Map<String, MemoryFile> PRISTINE = new ConcurrentHashMap<>();

  private final MemoryFile file;
  private final Superblock sb;
  private final List<Sealed> sealed = new ArrayList<>();

  private XfsImage(MemoryFile file) throws IOException {
    this.file = file;
    this.sb = Superblock.read(file);
    if (sb.v5()) {
      for (int agno = 0; agno < sb.agCount(); agno++) {
        findSealed(agno);
      }
    }
  }

  private void findSealed(int agno) throws IOException {
    int sector = sb.sectorSize();
    sealed.add(new Sealed(superblock(agno), sector, 0xE0));
    sealed.add(new Sealed(agf(agno), sector, 0xD8));
    sealed.add(new Sealed(agi(agno), sector, 0x138));
    sealed.add(new Sealed(agfl(agno), sector, 0x20));
    Agf agf = Agf.parse(file.bytes(agf(agno), sector, ByteOrder.BIG_ENDIAN), sb, agno);
    for (Order order : Order.values()) {
      LongList blocks = FreeSpaceBtree.read(file, sb, agf, order, Integer.MAX_VALUE).blocks();
      for (int i = 0; i < blocks.size(); i++) {
        sealed.add(new Sealed(sb.offset(agno, blocks.get(i)), sb.blockSize(), 0x34));
      }
    }
  }

  /** The image {@code NAME.img.gz} beside this class. */
  static XfsImage load(String name) {
    try {
      MemoryFile pristine = PRISTINE.get(name);
      if (pristine == null) {
        pristine = unpack(name);
        PRISTINE.put(name, pristine);
      }
      return new XfsImage(pristine.copy());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MemoryFile unpack(String name) throws IOException {
    MemoryFile file = new MemoryFile(name, 0);
    byte[] zero = new byte[MemoryFile.PAGE];
    try (InputStream packed =
            Objects.requireNonNull(XfsImage.class.getResourceAsStream(name + ".img.gz"), name);
        InputStream in = new GZIPInputStream(packed)) {
      long at = 0;
      for (byte[] page = in.readNBytes(zero.length);
          page.length > 0;
          page = in.readNBytes(zero.length)) {
        if (!Arrays.equals(page, zero)) {
          file.write(at, MemorySegment.ofArray(page));
        }
        at += page.length;
      }
      file.resize(at);
    }
    return file;
  }

  MemoryFile file() {
    return file;
  }

  Superblock sb() {
    return sb;
  }

  long superblock(int agno) {
    return sb.offset(agno, 0);
  }

  long agf(int agno) {
    return superblock(agno) + sb.sectorSize();
  }

  long agi(int agno) {
    return superblock(agno) + 2L * sb.sectorSize();
  }

  long agfl(int agno) {
    return superblock(agno) + 3L * sb.sectorSize();
  }

  /** Where the root of a free-space btree lies. */
  long root(int agno, Order order) {
    return sb.offset(agno, u32(agf(agno) + (order == Order.BNOBT ? 0x10 : 0x14)));
  }

  /** Where record or key {@code index} of the root lies. */
  long rootRecord(int agno, Order order, int index) {
    return root(agno, order) + (sb.v5() ? 0x38 : 0x10) + 8L * index;
  }

  /** Where the log's basic block {@code block} lies. */
  long log(long block) {
    return sb.offset(sb.logAgno(), sb.logAgbno()) + block * Xfs.BASIC_BLOCK;
  }

  /** The log's basic blocks. */
  long logBlocks() {
    return sb.logBlocks() * sb.blockSize() / Xfs.BASIC_BLOCK;
  }

  /**
   * The basic block of the unmount record of a log on its first lap: the last header of that lap,
   * after which mounting may have left empty ones of the lap before.
   */
  long unmountRecord() {
    long block = logBlocks() - 1;
    while (u32(log(block)) != Integer.toUnsignedLong(Xfs.XLOG_HEADER_MAGIC)
        || u32(log(block) + 4) == 0) {
      block--;
    }
    return block;
  }

  long u32(long at) {
    try {
      return file.bytes(at, 4, ByteOrder.BIG_ENDIAN).u32(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long u64(long at) {
    return u32(at) << 32 | u32(at + 4);
  }

  XfsImage put8(long at, int value) {
    file.write(at, MemorySegment.ofArray(new byte[] {(byte) value}));
    return this;
  }

  XfsImage put16(long at, int value) {
    return put8(at, value >>> 8).put8(at + 1, value);
  }

  XfsImage put32(long at, long value) {
    file.write(at, MemorySegment.ofArray(ByteBuffer.allocate(4).putInt((int) value).array()));
    return this;
  }

  XfsImage put64(long at, long value) {
    return put32(at, value >>> 32).put32(at + 4, value);
  }

  XfsImage add32(long at, long delta) {
    return put32(at, u32(at) + delta);
  }

  /** Makes all checksums right again. */
  XfsImage seal() {
    try {
      for (Sealed structure : sealed) {
        Bytes bytes = file.bytes(structure.offset(), structure.length(), ByteOrder.BIG_ENDIAN);
        put32(structure.offset() + structure.crc(), Checksum.of(bytes, structure.crc()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  Content open() throws IOException {
    return new XfsFormat().open(file);
  }

  FileSystem openClean() throws IOException {
    return (FileSystem) open();
  }
}
