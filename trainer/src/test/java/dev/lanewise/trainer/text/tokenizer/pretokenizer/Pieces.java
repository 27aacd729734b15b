package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;

/** The pieces of a text, in Latin-1, which holds any bytes, or as text. */
final class Pieces {

  private Pieces() {}

  static List<String> of(PieceScanner scanner, String text) {
    return strings(whole(scanner, text.getBytes(UTF_8)));
  }

  static List<String> strings(List<String> pieces) {
    return pieces.stream().map(piece -> new String(piece.getBytes(ISO_8859_1), UTF_8)).toList();
  }

  static List<String> whole(PieceScanner scanner, byte[] utf8) {
    List<String> pieces = new ArrayList<>();
    scanner.readWhole(utf8, 0, utf8.length);
    drain(scanner, pieces);
    return pieces;
  }

  static List<String> chunked(PieceScanner scanner, byte[] utf8, int chunk) {
    List<String> pieces = new ArrayList<>();
    for (int at = 0; at < utf8.length; ) {
      at += scanner.feed(utf8, at, Math.min(chunk, utf8.length - at));
      drain(scanner, pieces);
    }
    scanner.end();
    drain(scanner, pieces);
    return pieces;
  }

  private static void drain(PieceScanner scanner, List<String> pieces) {
    while (scanner.next()) {
      pieces.add(
          new String(
              scanner.bytes(), scanner.start(), scanner.stop() - scanner.start(), ISO_8859_1));
    }
  }
}
