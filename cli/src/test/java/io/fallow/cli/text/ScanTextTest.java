package io.fallow.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.cli.report.DiskMap;
import io.fallow.cli.report.DiskMap.Kind;
import io.fallow.cli.report.ImageReport;
import org.junit.jupiter.api.Test;

/** The text of a scan's report, to the character. */
class ScanTextTest {

  private static final ImageReport TREE =
      Samples.report(
          Samples.plain("gpt/1", "bios-boot", Samples.MIB, null, false),
          Samples.volume("gpt/2", "ext4", "root", 16 * Samples.GIB, 8 * Samples.GIB),
          Samples.refused("gpt/3", "its log is not empty: mount and unmount it, or boot the guest"),
          Samples.plain("gpt/4", "swap", Samples.GIB, null, true));

  private static String render(ImageReport report, int width, boolean colour, boolean unicode) {
    return new ScanText(Samples.terminal(width, colour, unicode), Sizes.IEC).render(report, null);
  }

  @Test
  void rendersTheWholeTree() {
    assertThat(render(TREE, 100, false, true))
        .isEqualTo(
            """
            disk.qcow2  qcow2, 20.0 GiB
              on the host  4.0 GiB
              guest uses   430 MiB
              releasable   3.0 GiB  75 % of what it takes, 12.0 MiB of it in clusters that no one owns

              VOLUME    TYPE       LABEL      SIZE     USED     FREE  RELEASABLE
              gpt
              ├─ gpt/1  bios-boot          1.0 MiB  1.0 MiB      0 B           –
              ├─ gpt/2  ext4       root   16.0 GiB  8.0 GiB  8.0 GiB     4.0 GiB
              │  2.0 GiB takes no space already, 1.0 GiB held by snapshot before-upgrade, 1.0 GiB lost to
              │  granularity
              ├─ gpt/3  xfs                2.0 GiB  2.0 GiB      0 B           –
              │  refused: its log is not empty: mount and unmount it, or boot the guest
              └─ gpt/4  swap               1.0 GiB  1.0 GiB      0 B           –
                 left alone, as asked
            """);
  }

  @Test
  void usesPlainCharactersWhereTheTerminalHasNoOthers() {
    assertThat(render(TREE, 100, false, false))
        .isASCII()
        .contains("  |- gpt/2  ext4")
        .contains("  `- gpt/4  swap");
  }

  @Test
  void fitsANarrowTerminal() {
    ImageReport report =
        Samples.report(
            Samples.volume("gpt/128", "ext4", "a-label-of-many-letters", Samples.GIB, Samples.MIB));
    for (int width : new int[] {72, 80, 100}) {
      assertThat(render(report, width, false, true).lines())
          .allSatisfy(
              line -> assertThat(line.codePointCount(0, line.length())).isLessThanOrEqualTo(width));
    }
    assertThat(render(report, 80, false, true)).contains("a-label-of-many-let…");
  }

  @Test
  void hasNoColumnOfLabelsWhereThereAreNone() {
    ImageReport report = Samples.report(Samples.plain("disk", "swap", Samples.GIB, null, false));
    assertThat(render(report, 80, false, true)).doesNotContain("LABEL");
  }

  @Test
  void coloursNothingButWhatItMeans() {
    String coloured = render(TREE, 100, true, true);
    assertThat(coloured).contains("\u001b[32m4.0 GiB\u001b[0m").contains("\u001b[33mrefused: its");
    assertThat(coloured.replaceAll("\u001b\\[[0-9]*m", ""))
        .isEqualTo(render(TREE, 100, false, true));
  }

  @Test
  void saysThatFiguresOfAnImageInUseAreApproximate() {
    assertThat(render(Samples.inUse(TREE), 100, false, true))
        .contains("in use by another process")
        .contains("approximate");
  }

  @Test
  void neverPassesControlCharactersOfADiskOn() {
    ImageReport report =
        Samples.report(Samples.volume("disk", "ext4", "\u001b[2Jroot\u202e\u009b", Samples.GIB, 0));
    assertThat(render(report, 100, false, true)).contains("?[2Jroot??").doesNotContain("\u001b");
  }

  @Test
  void nestedLayersAreIndented() {
    ImageReport report =
        Samples.report(
            Samples.plain("gpt/1", "ext4", Samples.GIB, null, false),
            Samples.plain("gpt/2/lvm/root", "ext4", Samples.GIB, null, false),
            Samples.plain("gpt/2/lvm/swap", "swap", Samples.GIB, null, false));
    assertThat(render(report, 100, false, true))
        .contains("  gpt\n")
        .contains("  ├─ gpt/1  ")
        .contains("  └─ gpt/2/lvm\n")
        .contains("     ├─ gpt/2/lvm/root  ")
        .contains("     └─ gpt/2/lvm/swap  ");
  }

  @Test
  void drawsTheMapOverTheWidth() {
    DiskMap map =
        DiskMap.of(Kind.OUTSIDE, Kind.USED, Kind.USED, Kind.RELEASABLE, Kind.HOLE, Kind.REFUSED);
    Lines lines = new Lines();
    new MapText(Samples.terminal(44, false, true), Sizes.IEC).render(lines, map);
    assertThat(lines.toString())
        .isEqualTo(
            """
              ╌██▒·▓
              █ used   ▒ releasable
              · free, takes no space   ▓ left alone
              ╌ in no volume
              one character is 1 B
            """);
  }
}
