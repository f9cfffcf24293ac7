package io.fallow.cli.image;

/** The image formats that can be opened. */
public enum FormatChoice {
  /** The file's bytes are the disk's. */
  RAW("raw"),
  /** QEMU's copy-on-write format, version 2 or 3. */
  QCOW2("qcow2");

  private final String option;

  FormatChoice(String option) {
    this.option = option;
  }

  /** As {@code --format} takes it. */
  @Override
  public String toString() {
    return option;
  }
}
