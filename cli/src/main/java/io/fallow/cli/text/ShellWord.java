package io.fallow.cli.text;

/** A word that can be pasted into a shell. */
final class ShellWord {

  private ShellWord() {}

  /** The text itself if it is plain, else quoted. */
  static String of(String text) {
    return text.matches("[A-Za-z0-9_@%+=:,./-]+") && !text.startsWith("-")
        ? text
        : "'" + Lines.safe(text).replace("'", "'\\''") + "'";
  }
}
