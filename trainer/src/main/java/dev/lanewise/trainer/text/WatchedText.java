package dev.lanewise.trainer.text;

import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.progress.Tally;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A text each of whose readings is a phase. */
record WatchedText(TextSource text, Progress progress, Phase phase, long expectedBytes)
    implements TextSource {

  /** A source may pass on all of a text at once; what follows takes longer than that. */
  private static final int MOST_BYTES_UNTOLD = 1 << 20;

  @Override
  public Optional<List<Path>> named() {
    return text.named();
  }

  @Override
  public String description() {
    return text.description();
  }

  @Override
  public void copyTo(TextSink sink) throws IOException {
    Tally tally = progress.begin(phase, expectedBytes);
    text.copyTo((utf8, offset, length) -> pass(utf8, offset, length, sink, tally));
    tally.end();
  }

  @Override
  public void copyDocuments(DocumentSink sink) throws IOException {
    Tally tally = progress.begin(phase, expectedBytes);
    text.copyDocuments(
        new DocumentSink() {
          @Override
          public void begin(String name) throws IOException {
            sink.begin(name);
          }

          @Override
          public void accept(byte[] utf8, int offset, int length) throws IOException {
            pass(utf8, offset, length, sink, tally);
          }

          @Override
          public void end() throws IOException {
            sink.end();
          }
        });
    tally.end();
  }

  private static void pass(byte[] utf8, int offset, int length, TextSink sink, Tally tally)
      throws IOException {
    int end = offset + length;
    for (int at = offset; at < end; at += MOST_BYTES_UNTOLD) {
      int part = Math.min(MOST_BYTES_UNTOLD, end - at);
      sink.accept(utf8, at, part);
      tally.accept(part);
    }
  }
}
