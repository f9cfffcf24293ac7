package io.fallow.cli;

import io.fallow.cli.text.Style;
import io.fallow.cli.text.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Several images, each handled whatever became of the others. */
final class Batch {

  /** Handles one image. */
  @FunctionalInterface
  interface Task {
    /** Returns how it went; what it throws is a failure of this image alone. */
    ExitCode run(Path image) throws IOException;
  }

  /** Told of an image that could not be handled. */
  @FunctionalInterface
  interface Sink {
    void accept(Path image, Failure failure);
  }

  private final Terminal terminal;
  private final CommonOptions options;

  Batch(Terminal terminal, CommonOptions options) {
    this.terminal = terminal;
    this.options = options;
  }

  /** Handles the images in order; returns the worst of their exit codes. */
  ExitCode run(List<Path> images, Task task, Sink failures) {
    List<ExitCode> codes = new ArrayList<>();
    for (Path image : images) {
      try {
        codes.add(task.run(image));
      } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError cause) {
        Failure failure =
            cause instanceof FailureException known ? known.failure() : Failure.of(cause);
        failures.accept(image, failure);
        codes.add(failure.code());
        complain(failure, cause);
      }
    }
    return ExitCode.worst(codes);
  }

  /** One line on the error stream, and more only for those who debug. */
  void complain(Failure failure, @Nullable Throwable cause) {
    terminal.out().flush();
    terminal
        .err()
        .println(
            Style.ERROR.of("fallow:", terminal.colour() && terminal.errIsTerminal())
                + " "
                + failure.message());
    if (options.debug() && cause != null) {
      cause.printStackTrace(terminal.err());
    }
  }
}
