package io.fallow.cli;

/** What is done when the process is told to end. */
final class Hooks {

  private Hooks() {}

  /** Takes back what is no longer needed. */
  static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is ending already, and the hook is at work.
    }
  }
}
