package dev.lanewise.trainer.text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Clean text that can be read again and again, in bounded memory.
 *
 * <p>Clean means: valid UTF-8; no byte order mark at the beginning of a file; a line ends with a
 * line feed (carriage return and line feed, or a carriage return alone, become one); no other
 * control characters (U+0000 to U+001F, U+007F to U+009F) except tab. Nothing else is changed.
 * Between files there is at least a line feed.
 */
public interface TextSource {

  /** What this is, for messages: a path, or a few words. */
  String description();

  /**
   * Passes on the whole text.
   *
   * @throws InvalidTextException when a file is not text; it names the file and the byte
   */
  void copyTo(TextSink sink) throws IOException;

  /** A text in memory; it is cleaned too. Lone surrogates become question marks. */
  static TextSource of(String description, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return new TextSource() {
      @Override
      public String description() {
        return description;
      }

      @Override
      public void copyTo(TextSink sink) throws IOException {
        TextCleaner cleaner = new TextCleaner(description, sink);
        cleaner.write(utf8, 0, utf8.length);
        cleaner.finish();
      }
    };
  }
}
