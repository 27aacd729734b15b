package dev.lanewise.trainer.text;

import dev.lanewise.trainer.files.Sha256;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * How long a clean text is, and its SHA-256 in hex.
 *
 * @param bytes of its UTF-8 form
 */
record TextSummary(long bytes, String sha256) {

  static TextSummary of(TextSource text) throws IOException {
    Collector collector = new Collector((utf8, offset, length) -> {});
    text.copyTo(collector);
    return collector.summary();
  }

  /** Sums up a text on its way to another sink. */
  static final class Collector implements TextSink {

    private final TextSink next;
    private final MessageDigest digest = Sha256.digest();
    private long bytes;

    Collector(TextSink next) {
      this.next = next;
    }

    @Override
    public void accept(byte[] utf8, int offset, int length) throws IOException {
      digest.update(utf8, offset, length);
      bytes += length;
      next.accept(utf8, offset, length);
    }

    /** Of all that has come; no more may follow. */
    TextSummary summary() {
      return new TextSummary(bytes, HexFormat.of().formatHex(digest.digest()));
    }
  }
}
