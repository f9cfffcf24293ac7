package io.fallow.cli.json;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * What {@code demo --json} prints.
 *
 * @param schemaVersion as in {@link ScanJson}
 * @param image the disk, after it was trimmed; null if it could not be unpacked
 * @param error why it failed, else null
 */
@Json
public record DemoJson(
    int schemaVersion, TrimJson.@Nullable ImageJson image, @Nullable ErrorJson error) {}
