package io.fallow.plan;

import io.fallow.extent.Extent;
import io.fallow.format.Refusal;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What happens to one volume, and where each of its free bytes is. All sizes are guest bytes.
 *
 * @param path such as {@code gpt/2}; {@code disk} for a filesystem without a partition table
 * @param type the kind of content, such as {@code ext4}
 * @param label the volume's label, or an empty text
 * @param uuid the volume's UUID, or an empty text
 * @param place the bytes of the disk that it covers
 * @param used bytes in use; of a volume that is refused or holds no filesystem, those that take
 *     space
 * @param free bytes that the guest does not use
 * @param releasable free bytes whose space will be given back
 * @param holes free bytes that take no space already
 * @param held free bytes kept by another owner of their space, by its name
 * @param lost free bytes whose unit of allocation holds used bytes too
 * @param refusal why nothing in it is released, or null
 * @param ignored whether the user asked to leave it alone
 */
public record VolumePlan(
    String path,
    String type,
    String label,
    String uuid,
    Extent place,
    long used,
    long free,
    long releasable,
    long holes,
    SortedMap<String, Long> held,
    long lost,
    @Nullable Refusal refusal,
    boolean ignored) {}
