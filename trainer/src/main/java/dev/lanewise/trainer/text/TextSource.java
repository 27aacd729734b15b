package dev.lanewise.trainer.text;

import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Clean text that can be read again and again, in bounded memory.
 *
 * <p>Clean means: valid UTF-8; no byte order mark at the beginning of a file; a line ends with a
 * line feed (carriage return and line feed, or a carriage return alone, become one); no other
 * control characters (U+0000 to U+001F, U+007F to U+009F) except tab. Nothing else is changed. A
 * text consists of documents, such as files.
 */
public non-sealed interface TextSource extends TrainingData {

  @Override
  default Optional<List<Path>> named() {
    return Optional.empty();
  }

  /** Of the clean text. */
  @Override
  default String fingerprint(Progress progress) throws IOException {
    return TextSummary.of(watched(progress, Phase.READING, expectedBytes())).sha256();
  }

  /**
   * Passes on the whole text: all documents, with a line feed between two where the first does not
   * end in one.
   *
   * @throws InvalidTextException when a file is not text; it names the file and the byte
   */
  void copyTo(TextSink sink) throws IOException;

  /**
   * Passes on one document after another, without anything between them. Same errors as {@link
   * #copyTo}. A source that does not know about documents is one document.
   */
  default void copyDocuments(DocumentSink sink) throws IOException {
    sink.begin(description());
    copyTo(sink);
    sink.end();
  }

  /**
   * About how many bytes {@link #copyTo} will pass on, before anything has been read; {@link
   * Progress#UNKNOWN} if that cannot be said.
   */
  default long expectedBytes() {
    return Progress.UNKNOWN;
  }

  /** Returns this text, each of whose readings is a phase of so many bytes. */
  default TextSource watched(Progress progress, Phase phase, long bytes) {
    return new WatchedText(this, progress, phase, bytes);
  }

  /** A text in memory; it is cleaned too. Lone surrogates become U+FFFD. */
  static TextSource of(String description, String text) {
    byte[] clean = TextCleaner.clean(text);
    return new TextSource() {
      @Override
      public String description() {
        return description;
      }

      @Override
      public long expectedBytes() {
        return clean.length;
      }

      @Override
      public void copyTo(TextSink sink) throws IOException {
        sink.accept(clean, 0, clean.length);
      }
    };
  }

  /** So many bytes of a text are held as a whole at most: a device may have no end. */
  int MOST_HELD = 1 << 24;

  /**
   * Reads a text that is held as a whole, such as a prompt, and cleans it.
   *
   * @throws InvalidTextException when it is not UTF-8, or has more than {@link #MOST_HELD} bytes
   */
  static String read(String description, InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(MOST_HELD + 1);
    if (bytes.length > MOST_HELD) {
      throw InvalidTextException.tooLong(description);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TextCleaner.copyDocument(
        description, new ByteArrayInputStream(bytes), new TextJoiner(out::write));
    return out.toString(StandardCharsets.UTF_8);
  }

  /**
   * A prompt, or any other string, cleaned as text is: what a model was trained on never holds what
   * cleaning removes.
   */
  static String clean(String text) {
    return new String(TextCleaner.clean(text), StandardCharsets.UTF_8);
  }
}
