package io.fallow.stack;

import io.fallow.format.Format;
import io.fallow.fs.ext.ExtFormat;
import io.fallow.fs.swap.SwapFormat;
import io.fallow.fs.xfs.XfsFormat;
import io.fallow.volume.gpt.GptFormat;
import io.fallow.volume.mbr.MbrFormat;
import java.util.List;

/** The formats that Fallow understands: a new one is a package of its own and a line here. */
final class Formats {

  private static final List<Format> ALL =
      List.of(new GptFormat(), new MbrFormat(), new ExtFormat(), new XfsFormat(), new SwapFormat());

  private Formats() {}

  /** All formats, in the order in which reports name them. */
  static List<Format> all() {
    return ALL;
  }
}
