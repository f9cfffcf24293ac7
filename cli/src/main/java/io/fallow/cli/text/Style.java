package io.fallow.cli.text;

/** The few colours of the reports. Each says one thing everywhere, and none says it alone. */
public enum Style {
  /** Headings and results. */
  STRONG("1"),
  /** What matters less. */
  FAINT("2"),
  /** Bytes in use. */
  USED("34"),
  /** Bytes that can be given back. */
  RELEASABLE("32"),
  /** Bytes that another owner holds. */
  HELD("35"),
  /** What was refused, and warnings. */
  REFUSED("33"),
  /** Failures. */
  ERROR("31");

  private final String code;

  Style(String code) {
    this.code = code;
  }

  /** The text in this style, or as it is where there are no colours. */
  public String of(String text, boolean colour) {
    return colour && !text.isEmpty() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
