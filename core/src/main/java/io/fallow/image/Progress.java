package io.fallow.image;

/** Hears of a long operation's advance. */
@FunctionalInterface
public interface Progress {

  /** Says nothing to anyone. */
  Progress NONE = (step, done, total) -> {};

  /**
   * Told of an advance.
   *
   * @param step what is being done, in a word or two
   * @param done how much of it is done
   * @param total how much there is to do, in the same unit
   */
  void at(String step, long done, long total);
}
