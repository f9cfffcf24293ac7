package io.fallow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.avaje.jsonb.Jsonb;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The schema of {@code --json}, key by key: programs rely on it. */
class JsonTest {

  private static final String[] SCAN_KEYS = {
    "image",
    "format",
    "virtualSize",
    "hostAllocated",
    "used",
    "releasable",
    "unowned",
    "holes",
    "held",
    "lost",
    "inUse",
    "approximate",
    "volumes",
    "error"
  };

  private static final String[] VOLUME_KEYS = {
    "path",
    "type",
    "label",
    "uuid",
    "offset",
    "size",
    "used",
    "free",
    "releasable",
    "holes",
    "held",
    "lost",
    "state",
    "reason",
    "refusal"
  };

  private static final String[] TRIM_KEYS = {
    "image",
    "format",
    "virtualSize",
    "hostAllocated",
    "used",
    "releasable",
    "unowned",
    "holes",
    "held",
    "lost",
    "inUse",
    "approximate",
    "volumes",
    "hostAllocatedBefore",
    "hostAllocatedAfter",
    "released",
    "dryRun",
    "verified",
    "hash",
    "error"
  };

  @TempDir private Path directory;

  @SuppressWarnings("unchecked")
  private static Map<String, Object> parse(String json) {
    return (Map<String, Object>) Jsonb.instance().type(Object.class).fromJson(json);
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> list(Map<String, Object> object, String key) {
    return (List<Map<String, Object>>) object.getOrDefault(key, List.of());
  }

  private static long number(Map<String, Object> object, String key) {
    return ((Number) object.getOrDefault(key, Double.NaN)).longValue();
  }

  @Test
  void scan() throws Exception {
    Path swap = Disks.swap(directory.resolve("swap.raw"));
    Path unknown = Disks.unknown(directory.resolve("unknown.raw"));
    Path missing = directory.resolve("missing.raw");
    Run run = Run.of("scan", "--json", swap, unknown, missing);
    assertThat(run.code()).isEqualTo(1);
    Map<String, Object> document = parse(run.out());
    assertThat(document).containsOnlyKeys("schemaVersion", "images");
    assertThat(number(document, "schemaVersion")).isEqualTo(1);
    List<Map<String, Object>> images = list(document, "images");
    assertThat(images)
        .hasSize(3)
        .allSatisfy(image -> assertThat(image).containsOnlyKeys(SCAN_KEYS));
    assertThat(images.get(0))
        .containsEntry("image", swap.toString())
        .containsEntry("format", "raw")
        .containsEntry("inUse", false)
        .containsEntry("error", null);
    assertThat(number(images.get(0), "virtualSize")).isEqualTo(8 * Disks.MIB);
    assertThat(number(images.get(0), "releasable")).isEqualTo(8 * Disks.MIB - 4096);
    Map<String, Object> volume = list(images.get(0), "volumes").getFirst();
    assertThat(volume)
        .containsOnlyKeys(VOLUME_KEYS)
        .containsEntry("path", "disk")
        .containsEntry("type", "swap")
        .containsEntry("state", "ok")
        .containsEntry("reason", null);
    assertThat(number(volume, "free")).isEqualTo(8 * Disks.MIB - 4096);
    assertThat(list(images.get(1), "volumes").getFirst())
        .containsEntry("state", "refused")
        .containsEntry("refusal", "unknown");
    assertThat(images.get(2).get("error"))
        .asInstanceOf(InstanceOfAssertFactories.map(String.class, Object.class))
        .containsOnlyKeys("code", "kind", "message")
        .containsEntry("kind", "failure")
        .containsEntry(
            "message", missing + ": open failed: No such file or directory; check the path");
  }

  @Test
  void trim() throws Exception {
    Path swap = Disks.swap(directory.resolve("swap.raw"));
    Run dry = Run.of("trim", "--json", "--dry-run", swap);
    Map<String, Object> planned = list(parse(dry.out()), "images").getFirst();
    assertThat(planned)
        .containsOnlyKeys(TRIM_KEYS)
        .containsEntry("dryRun", true)
        .containsEntry("verified", null);
    assertThat(number(planned, "released")).isZero();
    Run run = Run.of("trim", "--json", "--verify", swap);
    Map<String, Object> image = list(parse(run.out()), "images").getFirst();
    assertThat(image)
        .containsOnlyKeys(TRIM_KEYS)
        .containsEntry("dryRun", false)
        .containsEntry("verified", true);
    assertThat(number(image, "released"))
        .isEqualTo(number(image, "hostAllocatedBefore") - number(image, "hostAllocatedAfter"))
        .isEqualTo(number(planned, "releasable"));
  }

  @Test
  void info() throws Exception {
    Run run = Run.of("info", "--json", Disks.swap(directory.resolve("swap.raw")));
    assertThat(parse(run.out()))
        .containsOnlyKeys(
            "schemaVersion",
            "image",
            "format",
            "virtualSize",
            "fileSize",
            "hostAllocated",
            "inUse",
            "qcow2",
            "error")
        .containsEntry("qcow2", null);
  }

  @Test
  void check() throws Exception {
    Run run = Run.of("check", "--json", Disks.swap(directory.resolve("swap.raw")));
    assertThat(parse(run.out()))
        .containsOnlyKeys(
            "schemaVersion",
            "image",
            "format",
            "checked",
            "imageEndOffset",
            "totalClusters",
            "allocatedClusters",
            "fragmentedClusters",
            "compressedClusters",
            "leaks",
            "corruptions",
            "findings",
            "error")
        .containsEntry("checked", false);
  }

  @Test
  void demo() {
    Map<String, Object> document = parse(Run.of("demo", "--json").out());
    assertThat(document)
        .containsOnlyKeys("schemaVersion", "image", "error")
        .containsEntry("error", null);
    assertThat(document.get("image"))
        .asInstanceOf(InstanceOfAssertFactories.map(String.class, Object.class))
        .containsOnlyKeys(TRIM_KEYS)
        .containsEntry("format", "qcow2")
        .containsEntry("verified", true);
  }

  @Test
  void jsonIsAllThatIsPrinted() throws Exception {
    Run run = Run.inTerminal("scan", "--json", Disks.swap(directory.resolve("swap.raw")));
    assertThat(run.out()).startsWith("{").endsWith("}\n").doesNotContain("\u001b");
    assertThat(run.err()).isEmpty();
  }
}
