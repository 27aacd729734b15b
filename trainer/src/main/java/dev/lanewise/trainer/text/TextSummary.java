package dev.lanewise.trainer.text;

import dev.lanewise.trainer.files.Sha256;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * How long a clean text is, and its SHA-256 in hex.
 *
 * @param bytes of its UTF-8 form, the line feeds between documents among them
 * @param documents bytes of each document that is not empty
 */
record TextSummary(long bytes, String sha256, List<Long> documents) {

  static TextSummary of(TextSource text) throws IOException {
    Collector collector = new Collector(new TextJoiner((utf8, offset, length) -> {}));
    text.copyDocuments(collector);
    return collector.summary();
  }

  /** Sums up a text on its way to another sink. */
  static final class Collector implements DocumentSink {

    private final DocumentSink next;
    private final MessageDigest digest = Sha256.digest();
    private final TextJoiner joined = new TextJoiner(this::sumUp);
    private final List<Long> documents = new ArrayList<>();
    private long bytes;
    private long documentBytes;

    Collector(DocumentSink next) {
      this.next = next;
    }

    private void sumUp(byte[] utf8, int offset, int length) {
      digest.update(utf8, offset, length);
      bytes += length;
    }

    @Override
    public void begin(String name) throws IOException {
      documentBytes = 0;
      joined.begin(name);
      next.begin(name);
    }

    @Override
    public void accept(byte[] utf8, int offset, int length) throws IOException {
      documentBytes += length;
      joined.accept(utf8, offset, length);
      next.accept(utf8, offset, length);
    }

    @Override
    public void end() throws IOException {
      if (documentBytes > 0) {
        documents.add(documentBytes);
      }
      joined.end();
      next.end();
    }

    /** Of all that has come; no more may follow. */
    TextSummary summary() {
      return new TextSummary(
          bytes, HexFormat.of().formatHex(digest.digest()), List.copyOf(documents));
    }
  }
}
