package io.fallow.cli.text;

import java.util.Locale;

/** Sizes as people read them. */
public enum Sizes {
  /** In IEC units: {@code 3.2 GiB}, {@code 430 MiB}. */
  IEC {
    @Override
    public String of(long bytes) {
      if (bytes < 1024) {
        return bytes + " B";
      }
      int unit = 0;
      double value = bytes;
      // A value that would be rounded to 1024 is shown as 1 of the next unit.
      while (value >= 1023.5 && unit < UNITS.length) {
        value /= 1024;
        unit++;
      }
      String format = value < 99.95 ? "%.1f %s" : "%.0f %s";
      return String.format(Locale.ROOT, format, value, UNITS[unit - 1]);
    }
  },
  /** The exact number of bytes. */
  BYTES {
    @Override
    public String of(long bytes) {
      return Long.toString(bytes);
    }
  };

  private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  /**
   * Writes a size.
   *
   * @param bytes at least 0
   */
  public abstract String of(long bytes);
}
