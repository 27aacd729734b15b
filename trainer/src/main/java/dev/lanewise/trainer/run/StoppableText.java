package dev.lanewise.trainer.run;

import dev.lanewise.trainer.text.DocumentSink;
import dev.lanewise.trainer.text.TextSink;
import dev.lanewise.trainer.text.TextSource;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** A text that can be given up in the middle of its reading, because a large one takes long. */
record StoppableText(TextSource text, BooleanSupplier stop) implements TextSource {

  /** The run was asked to stop before it had anything to train on. */
  static final class StoppedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StoppedException() {
      super("stopped while the text was prepared");
    }
  }

  void check() {
    if (stop.getAsBoolean()) {
      throw new StoppedException();
    }
  }

  @Override
  public String description() {
    return text.description();
  }

  @Override
  public void copyTo(TextSink sink) throws IOException {
    text.copyTo(
        (utf8, offset, length) -> {
          check();
          sink.accept(utf8, offset, length);
        });
  }

  @Override
  public void copyDocuments(DocumentSink sink) throws IOException {
    text.copyDocuments(
        new DocumentSink() {
          @Override
          public void begin(String name) throws IOException {
            sink.begin(name);
          }

          @Override
          public void accept(byte[] utf8, int offset, int length) throws IOException {
            check();
            sink.accept(utf8, offset, length);
          }

          @Override
          public void end() throws IOException {
            sink.end();
          }
        });
  }
}
