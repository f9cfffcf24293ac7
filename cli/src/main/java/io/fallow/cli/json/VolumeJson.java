package io.fallow.cli.json;

import io.avaje.jsonb.Json;
import io.fallow.format.Refusal;
import io.fallow.plan.VolumePlan;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One volume. Sizes are in bytes.
 *
 * @param path such as {@code gpt/2}; {@code disk} for a filesystem without a partition table
 * @param type such as {@code ext4}
 * @param label may be empty
 * @param uuid may be empty
 * @param offset where it starts in the guest's disk
 * @param size how much of the disk it covers
 * @param used bytes in use
 * @param free bytes that the guest does not use
 * @param releasable free bytes whose space can be given back
 * @param holes free bytes that take no space already
 * @param held free bytes whose space others keep, by owner
 * @param lost free bytes whose unit of allocation holds used bytes too
 * @param state {@code ok}, {@code refused}, or {@code ignored} as the user asked
 * @param reason why it was refused, else null
 * @param refusal the class of that reason, else null
 */
@Json
public record VolumeJson(
    String path,
    String type,
    String label,
    String uuid,
    long offset,
    long size,
    long used,
    long free,
    long releasable,
    long holes,
    Map<String, Long> held,
    long lost,
    String state,
    @Nullable String reason,
    @Nullable String refusal) {

  static VolumeJson of(VolumePlan volume) {
    Refusal refusal = volume.refusal();
    String state = volume.ignored() ? "ignored" : refusal == null ? "ok" : "refused";
    return new VolumeJson(
        volume.path(),
        volume.type(),
        volume.label(),
        volume.uuid(),
        volume.place().start(),
        volume.place().length(),
        volume.used(),
        volume.free(),
        volume.releasable(),
        volume.holes(),
        volume.held(),
        volume.lost(),
        state,
        refusal == null ? null : refusal.reason(),
        refusal == null ? null : refusal.kind().name().toLowerCase(java.util.Locale.ROOT));
  }
}
