package io.fallow.volume.gpt;

import io.fallow.bytes.Bytes;
import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.Device;
import io.fallow.format.Content;
import io.fallow.format.Format;
import io.fallow.format.Layer;
import io.fallow.format.Refusal;
import io.fallow.format.Refused;
import io.fallow.volume.BootRecord;
import io.fallow.volume.GptSignature;
import io.fallow.volume.MbrEntry;
import io.fallow.volume.PartitionTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * GUID partition tables (UEFI 2.10, chapter 5) with blocks of 512 and 4096 bytes.
 *
 * <p>Both copies of header and array must be sound and equal, and the protective MBR must be there.
 * The backup may lie before the disk's end, as it does once an image was grown.
 */
public final class GptFormat implements Format {

  private static final String TYPE = "gpt";

  /** Partitions that hold no filesystem by design. */
  private static final Map<UUID, String> KNOWN =
      Map.of(
          UUID.fromString("21686148-6449-6e6f-744e-656564454649"), "bios-boot",
          UUID.fromString("9e1a2d38-c612-4316-aa26-8b49521e5a8b"), "prep-boot",
          UUID.fromString("83bd6b9d-7f41-11dc-be0b-001560b84f0f"), "freebsd-boot",
          UUID.fromString("fe3a2a5d-4f32-41a7-b725-accc3285a309"), "chromeos-kernel",
          UUID.fromString("e3c9e316-0b5c-4db8-817d-f92df00215ae"), "microsoft-reserved");

  /** Finds GUID partition tables. */
  public GptFormat() {}

  @Override
  public Optional<String> recognise(Device device) throws IOException {
    if (device.size() < BootRecord.SIZE) {
      return Optional.empty();
    }
    boolean primary = GptSignature.isAt(device, 1, 512) || GptSignature.isAt(device, 1, 4096);
    Bytes boot = BootRecord.bytes(device, 0);
    boolean isProtected = BootRecord.isSigned(boot) && BootRecord.read(boot).isProtective();
    return primary || (isProtected && GptSignature.isAnywhere(device))
        ? Optional.of(TYPE)
        : Optional.empty();
  }

  @Override
  public Content open(Device device) throws IOException {
    boolean small = GptSignature.isAt(device, 1, 512);
    boolean large = GptSignature.isAt(device, 1, 4096);
    if (small && large) {
      return new Refused(
          TYPE,
          new Refusal(
              Refusal.Kind.AMBIGUOUS,
              "%s has a GPT header both at 0x200 and at 0x1000: its sector size is unclear"
                  .formatted(device.name())));
    }
    // Without a primary header, the one that is read in its place says that it is missing.
    GptHeader primary = GptHeader.read(device, 1, large ? 4096 : 512);
    GptHeader backup = GptHeader.read(device, primary.alternateLba(), primary.sectorSize());
    primary.checkAgrees(device, backup);
    Bytes array = primary.readArray(device);
    backup.readArray(device);
    List<GptEntry> entries = entries(array, primary);
    checkProtectiveMbr(device, entries);
    List<Layer.Child> children = new ArrayList<>();
    for (GptEntry entry : entries) {
      children.add(
          PartitionTable.partition(
              device,
              TYPE,
              entry.number(),
              entry.place(primary.sectorSize()),
              KNOWN.getOrDefault(entry.type(), "")));
    }
    return new PartitionTable(TYPE, children);
  }

  private static List<GptEntry> entries(Bytes array, GptHeader header)
      throws CorruptFormatException {
    List<GptEntry> entries = new ArrayList<>();
    for (int i = 0; i < header.numberOfPartitionEntries(); i++) {
      long at = i * header.sizeOfPartitionEntry();
      if (!GptEntry.isUnused(array, at)) {
        entries.add(GptEntry.read(array, at, i + 1, header));
      }
    }
    List<GptEntry> sorted = new ArrayList<>(entries);
    sorted.sort((one, other) -> Long.compare(one.startingLba(), other.startingLba()));
    for (int i = 1; i < sorted.size(); i++) {
      GptEntry before = sorted.get(i - 1);
      GptEntry after = sorted.get(i);
      array.check(
          before.endLba() <= after.startingLba(),
          (after.number() - 1) * header.sizeOfPartitionEntry() + 0x20,
          "partitions %d and %d overlap from block %d on",
          before.number(),
          after.number(),
          after.startingLba());
    }
    return entries;
  }

  /**
   * Linux takes a GPT for valid only with an entry of type EE that starts at block 1. A hybrid MBR
   * has others besides, for firmware that knows no GPT; they must name the same partitions.
   */
  private static void checkProtectiveMbr(Device device, List<GptEntry> entries) throws IOException {
    Bytes boot = BootRecord.bytes(device, 0);
    boot.check(BootRecord.isSigned(boot), 0x1FE, "the GPT has no protective MBR before it");
    boolean isProtected = false;
    for (MbrEntry entry : BootRecord.read(boot).entries()) {
      if (entry.osType() == MbrEntry.GPT_PROTECTIVE) {
        isProtected |= entry.startingLba() == 1;
      } else if (!entry.isEmpty()) {
        boot.check(
            entries.stream()
                .anyMatch(gpt ->
                    gpt.startingLba() == entry.startingLba() && gpt.endLba() == entry.endLba()),
            BootRecord.PARTITION_RECORD,
            "a hybrid MBR has a partition of type %02x at sector %d that the GPT does not have",
            entry.osType(),
            entry.startingLba());
      }
    }
    boot.check(
        isProtected,
        BootRecord.PARTITION_RECORD,
        "the MBR before the GPT has no entry of type ee that starts at sector 1");
  }
}
