package dev.lanewise.trainer.text;

import java.io.IOException;

/** Receives a text document by document; the bytes of a document come between begin and end. */
public interface DocumentSink extends TextSink {

  /**
   * A document begins.
   *
   * @param name for messages: the path of its file, or a few words
   */
  void begin(String name) throws IOException;

  /** The document that began last has ended. */
  void end() throws IOException;
}
