package dev.lanewise.trainer.run.metrics;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.model.io.StrictJson;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * Reads metrics.jsonl line by line. A last line without its line feed, as a killed process leaves
 * it, is not there.
 */
final class MetricsReader implements Closeable {

  private static final int MAX_LINE_BYTES = 1 << 16;

  private final Path file;
  private final InputStream in;
  private long position;
  private long lines;
  private boolean torn;

  private MetricsReader(Path file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  static MetricsReader open(Path file) throws IOException {
    RegularFile.require(file, problem -> new InvalidMetricsException(file, problem));
    return new MetricsReader(file, new BufferedInputStream(RegularFile.open(file), 1 << 16));
  }

  /** The byte after the last line that was returned. */
  long position() {
    return position;
  }

  /** Makes the error for the line that was returned last. */
  InvalidMetricsException problem(String problem) {
    return new InvalidMetricsException(file, lines, problem);
  }

  /** Whether the file ended in the middle of a line. */
  boolean isTorn() {
    return torn;
  }

  /** The number of the line that was returned last, from 1. */
  long line() {
    return lines;
  }

  /**
   * The next line, or null at the end.
   *
   * @throws InvalidMetricsException if it is damaged; the one after it can be read all the same
   */
  MetricsLine next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean tooLong = false;
    lines++;
    int b = in.read();
    for (; b >= 0 && b != '\n'; b = in.read()) {
      tooLong |= line.size() == MAX_LINE_BYTES;
      if (!tooLong) {
        line.write(b);
      }
    }
    if (tooLong) {
      throw new InvalidMetricsException(file, lines, "the line is too long");
    }
    if (b < 0) {
      torn = line.size() > 0;
      return null;
    }
    try {
      MetricsLine read = MetricsLine.of(StrictJson.parse(file, line.toByteArray()));
      position += line.size() + 1;
      return read;
    } catch (InvalidFileException e) {
      throw new InvalidMetricsException(
          file, lines, e.field().isEmpty() ? e.problem() : e.field() + ": " + e.problem());
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
