package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.text.InvalidTextException;
import dev.lanewise.trainer.text.TextSource;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
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
    String name = "line " + number + " of the standard input";
    while (b >= 0 && b != '\n') {
      if (line.size() == TextSource.MOST_HELD) {
        // What follows may have no end, so that nothing behind it is waited for.
        throw new EOFException(InvalidTextException.tooLong(name).getMessage());
      }
      line.write(b);
      b = in.read();
    }
    // A carriage return at its end goes as cleaning goes.
    return TextSource.read(name, new ByteArrayInputStream(line.toByteArray())).stripTrailing();
  }

  @Override
  public void close() {
    // The stream is the caller's.
  }
}
