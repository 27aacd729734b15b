package dev.lanewise.model.io;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream whose failures name what is read. */
final class ReadingStream extends FilterInputStream {

  private final String file;

  ReadingStream(String file, InputStream in) {
    super(in);
    this.file = file;
  }

  @Override
  public int read() throws IOException {
    try {
      return in.read();
    } catch (IOException e) {
      throw new UnreadableFileException(file, e);
    }
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    try {
      return in.read(bytes, offset, length);
    } catch (IOException e) {
      throw new UnreadableFileException(file, e);
    }
  }
}
