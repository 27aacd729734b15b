package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.text.TextSource;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Lines as they come: of a file, a pipe, or a terminal that cannot move its cursor. */
final class LineInput implements ChatInput {

  private final InputStream in;
  private final Runnable prompt;
  private long number;

  /**
   * Reads from a stream, which stays open.
   *
   * @param prompt runs before each line is read
   */
  LineInput(InputStream in, Runnable prompt) {
    this.in = new BufferedInputStream(in);
    this.prompt = prompt;
  }

  @Override
  public String next() throws IOException {
    prompt.run();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int b = in.read();
    if (b < 0) {
      return null;
    }
    number++;
    while (b >= 0 && b != '\n') {
      line.write(b);
      b = in.read();
    }
    // A carriage return at its end goes as cleaning goes.
    return TextSource.read(
            "line " + number + " of the standard input",
            new ByteArrayInputStream(line.toByteArray()))
        .stripTrailing();
  }

  @Override
  public void close() {
    // The stream is the caller's.
  }
}
