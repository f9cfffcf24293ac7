package io.fallow.fs.ext;

import static io.fallow.fs.ext.ExtConstants.ROOT_INODE;
import static io.fallow.fs.ext.ExtConstants.SUPERBLOCK_MAGIC;
import static io.fallow.fs.ext.ExtConstants.SUPERBLOCK_OFFSET;
import static io.fallow.fs.ext.ExtConstants.SUPERBLOCK_SIZE;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.extent.ExtentSet;
import io.fallow.format.Content;
import io.fallow.format.Format;
import io.fallow.format.Refusal;
import io.fallow.format.Refused;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * ext2, ext3 and ext4, by the Linux kernel's {@code Documentation/filesystems/ext4}.
 *
 * <p>Free is what the block bitmaps of all groups call free, if the filesystem was unmounted
 * cleanly and everything agrees: checksums where there are any, each bitmap with its descriptor's
 * free count and with the places of all metadata, and the sum with the superblock.
 */
public final class ExtFormat implements Format {

  /** An external journal, as blkid calls it. */
  private static final String JOURNAL = "jbd";

  /** The format; it has no state. */
  public ExtFormat() {}

  @Override
  public Optional<String> recognise(Device device) throws IOException {
    if (device.size() < SUPERBLOCK_OFFSET + SUPERBLOCK_SIZE) {
      return Optional.empty();
    }
    Bytes block = superblock(device);
    // The revision rules out random data, which has the magic once in 65536 cases.
    if (block.u16(Superblock.At.MAGIC) != SUPERBLOCK_MAGIC
        || block.u32(Superblock.At.REV_LEVEL) > 1) {
      return Optional.empty();
    }
    return Optional.of(type(features(block)));
  }

  @Override
  public Content open(Device device) throws IOException {
    Bytes block = superblock(device);
    Set<Feature> features = features(block);
    String type = type(features);
    if (type.equals(JOURNAL)) {
      return new Refused(
          type,
          new Refusal(
              Refusal.Kind.UNSUPPORTED,
              "superblock at 0x%x: INCOMPAT_JOURNAL_DEV is set: the journal of a filesystem on "
                      .formatted(SUPERBLOCK_OFFSET)
                  + "another disk; leave it alone"));
    }
    Superblock superblock = Superblock.read(block);
    Optional<Refusal> refusal = Cleanliness.ofSuperblock(superblock);
    if (refusal.isPresent()) {
      return new Refused(type, refusal.get());
    }
    Geometry geometry = Geometry.of(superblock, block, device.size());
    refusal = Cleanliness.ofMmp(device, superblock, geometry);
    if (refusal.isPresent()) {
      return new Refused(type, refusal.get());
    }
    GroupDescriptors descriptors = GroupDescriptors.read(device, superblock, geometry);
    ExtentSet metadata = MetadataMap.of(device.name(), superblock, geometry, descriptors);
    refusal = Cleanliness.ofJournal(device, superblock, geometry, descriptors);
    if (refusal.isPresent()) {
      return new Refused(type, refusal.get());
    }
    checkRoot(device, superblock, geometry, descriptors);
    InodeBitmaps.verify(device, superblock, geometry, descriptors);
    ExtentSet free = BlockBitmaps.read(device, superblock, geometry, descriptors, metadata);
    UUID uuid = superblock.uuid();
    return new ExtFileSystem(
        type,
        superblock.label(),
        uuid.equals(new UUID(0, 0)) ? "" : uuid.toString(),
        geometry.blocks() * geometry.blockSize(),
        (long) geometry.blockSize() * geometry.blocksPerCluster(),
        free,
        new Volume(device, superblock, geometry, descriptors),
        metadata);
  }

  /** A root that is no directory shows that the inode table, or its place, is wrong. */
  private static void checkRoot(
      Device device, Superblock superblock, Geometry geometry, GroupDescriptors descriptors)
      throws IOException {
    Inode root = Inode.read(device, superblock, geometry, descriptors, ROOT_INODE);
    if (!root.isDirectory()) {
      throw new CorruptFormatException(
          device.name(),
          descriptors.inodeTable(0) * geometry.blockSize() + superblock.inodeSize(),
          "inode 2: i_mode is 0x%04x, expected the root directory; run e2fsck"
              .formatted(root.mode()));
    }
  }

  private static Bytes superblock(Device device) throws IOException {
    return device.bytes(SUPERBLOCK_OFFSET, SUPERBLOCK_SIZE, ByteOrder.LITTLE_ENDIAN);
  }

  private static EnumSet<Feature> features(Bytes block) throws CorruptFormatException {
    return Feature.of(
        block.bits32(Superblock.At.FEATURE_COMPAT),
        block.bits32(Superblock.At.FEATURE_INCOMPAT),
        block.bits32(Superblock.At.FEATURE_RO_COMPAT));
  }

  private static String type(Set<Feature> features) {
    return features.contains(Feature.JOURNAL_DEV) ? JOURNAL : Feature.filesystemType(features);
  }
}
