package dev.lanewise.trainer.text.tokenizer.bytepair;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PreTokensTest {

  private static final Pattern GPT2 =
      Pattern.compile(
          "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  @Provide
  Arbitrary<String> tricky() {
    return Texts.tricky();
  }

  @Property
  void piecesAreThoseOfTheRegularExpression(@ForAll("tricky") String text) {
    List<String> expected = GPT2.matcher(text).results().map(match -> match.group()).toList();
    assertThat(strings(whole(text.getBytes(UTF_8)))).isEqualTo(expected);
  }

  @Test
  void everyCharacterIsOfTheRegularExpressionsClass() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        continue;
      }
      String text = "x" + Character.toString(c) + "1";
      List<String> pieces = strings(whole(text.getBytes(UTF_8)));
      List<String> expected = GPT2.matcher(text).results().map(match -> match.group()).toList();
      assertThat(pieces).as("U+%04X", c).isEqualTo(expected);
    }
  }

  @Property
  void chunkBordersDoNotMatter(
      @ForAll("tricky") String text, @ForAll @IntRange(min = 1, max = 7) int chunk) {
    byte[] utf8 = text.getBytes(UTF_8);
    assertThat(chunked(utf8, chunk)).isEqualTo(whole(utf8));
  }

  @Property
  void anyBytesComeOutAgain(@ForAll byte[] bytes, @ForAll @IntRange(min = 1, max = 7) int chunk) {
    assertThat(String.join("", whole(bytes))).isEqualTo(new String(bytes, ISO_8859_1));
    assertThat(chunked(bytes, chunk)).isEqualTo(whole(bytes));
  }

  @Test
  void longRunsAreCutBetweenCharacters() {
    for (String unit : List.of("a", "é", "世", "😀", " ", "\u2003")) {
      byte[] utf8 = unit.repeat(150_000).getBytes(UTF_8);
      List<String> pieces = whole(utf8);
      int unitBytes = unit.getBytes(UTF_8).length;
      assertThat(pieces.getFirst().length()).isEqualTo(PreTokens.MAX_BYTES / unitBytes * unitBytes);
      assertThat(chunked(utf8, 4096)).isEqualTo(pieces);
    }
  }

  /** The pieces as UTF-8; elsewhere they are in Latin-1, which holds any bytes. */
  private static List<String> strings(List<String> pieces) {
    return pieces.stream().map(piece -> new String(piece.getBytes(ISO_8859_1), UTF_8)).toList();
  }

  private static List<String> whole(byte[] utf8) {
    List<String> pieces = new ArrayList<>();
    drain(new PreTokens(utf8), pieces);
    return pieces;
  }

  private static List<String> chunked(byte[] utf8, int chunk) {
    PreTokens scanner = new PreTokens();
    List<String> pieces = new ArrayList<>();
    for (int at = 0; at < utf8.length; ) {
      at += scanner.feed(utf8, at, Math.min(chunk, utf8.length - at));
      drain(scanner, pieces);
    }
    scanner.end();
    drain(scanner, pieces);
    return pieces;
  }

  private static void drain(PreTokens scanner, List<String> pieces) {
    while (scanner.next()) {
      pieces.add(
          new String(
              scanner.bytes(), scanner.start(), scanner.stop() - scanner.start(), ISO_8859_1));
    }
  }
}
