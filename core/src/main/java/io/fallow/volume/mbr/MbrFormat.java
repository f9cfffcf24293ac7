package io.fallow.volume.mbr;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.extent.Extent;
import io.fallow.format.Content;
import io.fallow.format.Format;
import io.fallow.format.Layer;
import io.fallow.format.Refusal;
import io.fallow.format.Refused;
import io.fallow.volume.BiosParameterBlock;
import io.fallow.volume.BootRecord;
import io.fallow.volume.GptSignature;
import io.fallow.volume.MbrEntry;
import io.fallow.volume.PartitionTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The DOS partition table: four primary partitions, one of which may be extended. Tables of other
 * systems inside a partition are not looked for.
 */
public final class MbrFormat implements Format {

  private static final String TYPE = "mbr";

  /** The type of a partition for the boot loader of PowerPC machines. */
  private static final int PREP_BOOT = 0x41;

  /** Finds DOS partition tables. */
  public MbrFormat() {}

  @Override
  public Optional<String> recognise(Device device) throws IOException {
    if (device.size() < BootRecord.SIZE) {
      return Optional.empty();
    }
    Bytes boot = BootRecord.bytes(device, 0);
    if (!BootRecord.isSigned(boot) || BiosParameterBlock.fileSystem(boot).isPresent()) {
      return Optional.empty();
    }
    BootRecord record = BootRecord.read(boot);
    if (record.isProtective() && GptSignature.isAnywhere(device)) {
      return Optional.empty();
    }
    return isPlausible(record, device.size() / 512) ? Optional.of(TYPE) : Optional.empty();
  }

  /** Boot code of a filesystem lies where the entries are, and is signed as well. */
  private static boolean isPlausible(BootRecord record, long sectors) {
    boolean hasPartition = false;
    for (MbrEntry entry : record.entries()) {
      if ((entry.bootIndicator() & 0x7F) != 0) {
        return false;
      }
      if (!entry.isEmpty()) {
        hasPartition = true;
        if (entry.startingLba() == 0 || entry.startingLba() >= sectors) {
          return false;
        }
      }
    }
    return hasPartition;
  }

  @Override
  public Content open(Device device) throws IOException {
    Bytes boot = BootRecord.bytes(device, 0);
    BootRecord record = BootRecord.read(boot);
    boot.check(
        !record.isProtective(),
        BootRecord.PARTITION_RECORD,
        "a protective MBR without any GPT; look at the disk with gdisk");
    List<MbrEntry> used = record.entries().stream().filter(entry -> !entry.isEmpty()).toList();
    Optional<Integer> sectorSize = SectorSize.find(device, used);
    if (sectorSize.isEmpty()) {
      return new Refused(
          TYPE,
          new Refusal(
              Refusal.Kind.AMBIGUOUS,
              "%s has a partition table that fits sectors of 512 and of 4096 bytes"
                  .formatted(device.name())));
    }
    List<Layer.Child> children = new ArrayList<>();
    for (Partition partition : partitions(device, boot, record, sectorSize.get())) {
      children.add(
          PartitionTable.partition(
              device,
              TYPE,
              partition.number(),
              new Extent(partition.start() * sectorSize.get(), partition.end() * sectorSize.get()),
              partition.osType() == PREP_BOOT ? "prep-boot" : ""));
    }
    return new PartitionTable(TYPE, children);
  }

  private static List<Partition> partitions(
      Device device, Bytes boot, BootRecord record, int sectorSize) throws IOException {
    List<Partition> primary = primaries(device, boot, record, sectorSize);
    List<Partition> all = new ArrayList<>();
    List<Partition> extended = new ArrayList<>();
    for (Partition partition : primary) {
      boolean isExtended = record.entries().get(partition.number() - 1).isExtended();
      (isExtended ? extended : all).add(partition);
    }
    boot.check(
        extended.size() <= 1,
        BootRecord.PARTITION_RECORD,
        "two extended partitions, and systems differ in which one counts");
    for (Partition partition : extended) {
      all.addAll(ExtendedChain.read(device, partition, sectorSize));
    }
    return all;
  }

  private static List<Partition> primaries(
      Device device, Bytes boot, BootRecord record, int sectorSize) throws CorruptFormatException {
    List<Partition> found = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      MbrEntry entry = record.entries().get(i);
      if (entry.isEmpty()) {
        continue;
      }
      int at = BootRecord.PARTITION_RECORD + i * MbrEntry.SIZE;
      Partition partition =
          new Partition(i + 1, entry.osType(), entry.startingLba(), entry.endLba());
      boot.check(
          partition.end() <= device.size() / sectorSize,
          at + 0xC,
          "partition %d ends at sector %d, beyond the disk's %d",
          partition.number(),
          partition.end() - 1,
          device.size() / sectorSize);
      for (Partition other : found) {
        boot.check(
            !partition.overlaps(other),
            at + 0x8,
            "partitions %d and %d overlap",
            other.number(),
            partition.number());
      }
      found.add(partition);
    }
    return found;
  }
}
