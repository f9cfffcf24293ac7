package io.fallow.cli;

import java.io.IOException;

/** A failure whose meaning to the user is known where it was caught. */
final class FailureException extends IOException {

  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  FailureException(Failure failure, Throwable cause) {
    super(failure.message(), cause);
    this.failure = failure;
  }

  Failure failure() {
    return failure;
  }
}
