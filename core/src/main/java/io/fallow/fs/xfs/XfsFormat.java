package io.fallow.fs.xfs;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.extent.ExtentSet;
import io.fallow.format.Content;
import io.fallow.format.Format;
import io.fallow.format.Refusal;
import io.fallow.format.Refused;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * XFS, versions 4 and 5. What its free-space btrees call free is free only once the log is clean:
 * until then, newer versions of their blocks may wait in the log, and with them data that was
 * written and synced.
 */
public final class XfsFormat implements Format {

  private static final int MIN_SECTOR = 512;

  /** A format without state. */
  public XfsFormat() {}

  @Override
  public Optional<String> recognise(Device device) throws IOException {
    if (device.size() < MIN_SECTOR) {
      return Optional.empty();
    }
    boolean magic = device.bytes(0, 4, ByteOrder.BIG_ENDIAN).bits32(0) == Xfs.SB_MAGIC;
    return magic ? Optional.of(XfsFileSystem.TYPE) : Optional.empty();
  }

  @Override
  public Content open(Device device) throws IOException {
    Superblock sb = Superblock.read(device);
    Features.check(sb, device.name());
    Optional<String> unclean = unclean(sb);
    if (unclean.isEmpty()) {
      unclean = new Log(device, sb).unclean();
    }
    if (unclean.isPresent()) {
      return new Refused(
          XfsFileSystem.TYPE, new Refusal(Refusal.Kind.UNCLEAN, unclean.orElseThrow()));
    }
    return new XfsFileSystem(
        sb.label(),
        sb.uuid().toString(),
        sb.blocks() * sb.blockSize(),
        sb.blockSize(),
        free(device, sb));
  }

  /** Why the superblock's own state forbids a release. */
  private static Optional<String> unclean(Superblock sb) {
    if (sb.inProgress()) {
      return Optional.of(
          "superblock at 0x0: sb_inprogress is set: mkfs.xfs or xfs_copy did not finish; run"
              + " xfs_repair");
    }
    if ((sb.incompat() & Xfs.INCOMPAT_NEEDSREPAIR) != 0) {
      return Optional.of("superblock at 0x0: sb_features_incompat has NEEDSREPAIR; run xfs_repair");
    }
    return Optional.empty();
  }

  private static ExtentSet free(Device device, Superblock sb) throws IOException {
    ExtentSet.Builder free = ExtentSet.builder();
    int limit = Xfs.MAX_FREE_EXTENTS;
    long counted = 0;
    for (long agno = 0; agno < sb.agCount(); agno++) {
      AllocationGroup group = AllocationGroup.read(device, sb, agno, limit);
      FreeExtents extents = group.extents();
      limit -= extents.size();
      counted += group.counted();
      for (int i = 0; i < extents.size(); i++) {
        free.add(sb.offset(agno, extents.start(i)), sb.offset(agno, extents.end(i)));
      }
    }
    if (counted != sb.freeBlocks()) {
      throw new CorruptFormatException(
          device.name(),
          0x90,
          "sb_fdblocks %d, but the allocation groups count %d: run xfs_repair"
              .formatted(sb.freeBlocks(), counted));
    }
    return free.build();
  }
}
