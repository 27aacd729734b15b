package dev.lanewise.trainer.run.metrics;

import java.io.IOException;
import java.nio.file.Path;

/** A metrics.jsonl that no run wrote. The message names the file, the line, and what to do. */
public final class InvalidMetricsException extends IOException {

  private static final long serialVersionUID = 1L;

  InvalidMetricsException(Path file, String problem) {
    this(file.toString(), problem);
  }

  InvalidMetricsException(Path file, long line, String problem) {
    this(file + ":" + line, problem);
  }

  private InvalidMetricsException(String place, String problem) {
    super(place + ": " + problem + "; move the file away to go on without the old figures");
  }
}
