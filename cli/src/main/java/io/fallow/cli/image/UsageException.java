package io.fallow.cli.image;

import java.io.IOException;

/** An image cannot be handled as the command line says; another option is needed. */
public final class UsageException extends IOException {

  private static final long serialVersionUID = 1L;

  /**
   * Says what is needed.
   *
   * @param message one line, with what to do
   */
  public UsageException(String message) {
    super(message);
  }
}
