package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scanners that are written by hand cut as the regular expressions that they stand for. */
class ScannersTest {

  /** A scanner and its expression. */
  enum Rule {
    GPT2(Gpt2Scanner::new, SplitPreTokenizer.GPT2, false),
    SMOLLM(() -> new Gpt2Scanner(true), SplitPreTokenizer.GPT2, true),
    QWEN2(() -> new WordScanner(1), SplitPreTokenizer.QWEN2, false),
    LLAMA3(() -> new WordScanner(3), SplitPreTokenizer.LLAMA3, false);

    private static final Pattern DIGIT = Pattern.compile("\\p{N}|\\P{N}+");

    // A reference to a constructor, which the checker cannot see.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Supplier<PieceScanner> scanner;

    private final Pattern pattern;
    private final boolean digitsApart;

    Rule(Supplier<PieceScanner> scanner, String expression, boolean digitsApart) {
      this.scanner = scanner;
      this.pattern = Pattern.compile(expression, Pattern.UNICODE_CHARACTER_CLASS);
      this.digitsApart = digitsApart;
    }

    private List<String> expected(String text) {
      List<String> segments = digitsApart ? matches(DIGIT, text) : List.of(text);
      return segments.stream().flatMap(segment -> matches(pattern, segment).stream()).toList();
    }

    private static List<String> matches(Pattern pattern, String text) {
      return pattern.matcher(text).results().map(match -> match.group()).toList();
    }
  }

  @Provide
  Arbitrary<String> tricky() {
    Arbitrary<String> contractions =
        Arbitraries.of(
            "'S",
            "'T",
            "'rE",
            "'Ve",
            "'LL",
            "'lL",
            "'D",
            "'M",
            "'\u017f",
            "'\u017fa",
            "'l",
            "'r",
            "''s",
            "\r",
            "\n\n",
            " \n",
            "\n ",
            "!\n",
            "!\r\n",
            "\u0301",
            "12",
            "1234",
            "\u0663",
            " !",
            "\t",
            "\u00a0",
            "a",
            "É",
            "'É",
            "/");
    return Arbitraries.oneOf(Texts.tricky(), contractions)
        .list()
        .ofMaxSize(8)
        .map(parts -> String.join("", parts));
  }

  @Property
  void piecesAreThoseOfTheRegularExpression(@ForAll Rule rule, @ForAll("tricky") String text) {
    String valid = new String(text.getBytes(UTF_8), UTF_8);
    assertThat(Pieces.of(rule.scanner.get(), valid)).isEqualTo(rule.expected(valid));
  }

  @ParameterizedTest
  @EnumSource
  void everyCharacterIsOfTheRegularExpressionsClass(Rule rule) {
    PieceScanner scanner = rule.scanner.get();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        continue;
      }
      String one = Character.toString(c);
      String text = "x" + one + "1" + one + " '" + one + one + "\n" + one;
      assertThat(Pieces.of(scanner, text)).as("U+%04X", c).isEqualTo(rule.expected(text));
    }
  }

  @Property
  void chunkBordersDoNotMatter(
      @ForAll Rule rule,
      @ForAll("tricky") String text,
      @ForAll @IntRange(min = 1, max = 7) int chunk) {
    byte[] utf8 = text.getBytes(UTF_8);
    assertThat(Pieces.chunked(rule.scanner.get(), utf8, chunk))
        .isEqualTo(Pieces.whole(rule.scanner.get(), utf8));
  }

  @Property
  void anyBytesComeOutAgain(
      @ForAll Rule rule, @ForAll byte[] bytes, @ForAll @IntRange(min = 1, max = 7) int chunk) {
    List<String> pieces = Pieces.whole(rule.scanner.get(), bytes);
    assertThat(String.join("", pieces)).isEqualTo(new String(bytes, ISO_8859_1));
    assertThat(Pieces.chunked(rule.scanner.get(), bytes, chunk)).isEqualTo(pieces);
  }

  @ParameterizedTest
  @EnumSource
  void longRunsAreCutBetweenCharacters(Rule rule) {
    for (String unit : List.of("a", "é", "世", "😀", "!", " ", "\u2003", "\n")) {
      byte[] utf8 = unit.repeat(150_000).getBytes(UTF_8);
      List<String> pieces = Pieces.whole(rule.scanner.get(), utf8);
      int unitBytes = unit.getBytes(UTF_8).length;
      assertThat(pieces.getFirst().length())
          .isEqualTo(Gpt2Scanner.MAX_BYTES / unitBytes * unitBytes);
      assertThat(Pieces.chunked(rule.scanner.get(), utf8, 4096)).isEqualTo(pieces);
    }
  }

  /** The steps one by one, through the general scanners. */
  @Property
  void theGeneralScannersCutAlike(
      @ForAll Rule rule,
      @ForAll("tricky") String text,
      @ForAll @IntRange(min = 1, max = 7) int chunk) {
    String valid = new String(text.getBytes(UTF_8), UTF_8);
    List<PieceScanner> scanners = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      PieceScanner split =
          new RegexScanner(
              Oniguruma.compile(rule.pattern.pattern()),
              SplitPreTokenizer.Behavior.ISOLATED,
              false);
      scanners.add(rule.digitsApart ? new ChainScanner(new DigitScanner(true), split) : split);
    }
    List<String> expected = rule.expected(valid);
    assertThat(Pieces.of(scanners.get(0), valid)).isEqualTo(expected);
    assertThat(Pieces.strings(Pieces.chunked(scanners.get(1), valid.getBytes(UTF_8), chunk)))
        .isEqualTo(expected);
  }

  @Test
  void aLongSIsAnSWithoutRegardToCase() {
    assertThat(Pieces.of(new WordScanner(1), "it'\u017fx")).containsExactly("it", "'\u017f", "x");
  }
}
