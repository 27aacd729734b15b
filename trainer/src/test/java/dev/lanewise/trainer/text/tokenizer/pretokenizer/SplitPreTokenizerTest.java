package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.text.tokenizer.pretokenizer.SplitPreTokenizer.Behavior;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitPreTokenizerTest {

  /** The example of Hugging Face's own documentation, and the same turned around. */
  @ParameterizedTest
  @CsvSource({
    "REMOVED, false, the/final/countdown",
    "ISOLATED, false, the/-/final/-/-/countdown",
    "MERGED_WITH_PREVIOUS, false, the-/final-/-/countdown",
    "MERGED_WITH_NEXT, false, the/-final/-/-countdown",
    "CONTIGUOUS, false, the/-/final/--/countdown",
    "REMOVED, true, -/-/-",
    "ISOLATED, true, the/-/final/-/-/countdown",
    "MERGED_WITH_PREVIOUS, true, the/-final/-/-countdown",
    "CONTIGUOUS, true, the/-/final/--/countdown",
  })
  void matchesAreDealtWithAsTheFileSays(Behavior behavior, boolean invert, String expected) {
    PreTokenizer split = SplitPreTokenizer.of("-", behavior, invert);
    byte[] text = "the-final--countdown".getBytes(UTF_8);
    List<String> pieces = Pieces.strings(Pieces.whole(split.scanner(), text));
    assertThat(pieces).containsExactly(expected.split("/"));
    assertThat(Pieces.chunked(split.scanner(), text, 1)).isEqualTo(pieces);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\\p{Han}+ | ab世界c | ab/世界/c",
        "\\p{^L}+ | ab12c | ab/12/c",
        "\\P{^L}+ | ab12c | ab/12/c",
        "[^\\w]+ | aé‿1!b | aé‿1/!/b",
        "\\w+ | a\u200db | a/\u200d/b",
        "^. | ab\u2028cd | a/b\u2028cd",
        "(?i:ab) | xAbaB | x/Ab/aB",
        "(?=b) | abab | a/ba/b",
        "\\d{2}(?=(\\d{3})*$) | 12345 | 12/3/45",
        "(?<=x)\\x{1F600} | x😀😀 | x/😀/😀",
        "[一-龥]+ | a世 | a/世",
      })
  void otherExpressionsMeanWhatTheyMeanInOniguruma(String expression, String text, String pieces) {
    PreTokenizer split = SplitPreTokenizer.of(expression, Behavior.ISOLATED, false);
    byte[] utf8 = text.getBytes(UTF_8);
    assertThat(Pieces.of(split.scanner(), text)).containsExactly(pieces.split("/"));
    assertThat(Pieces.strings(Pieces.chunked(split.scanner(), utf8, 1)))
        .containsExactly(pieces.split("/"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\\h",
        "\\v",
        "\\A",
        "\\z",
        "\\G",
        "\\b",
        "\\K",
        "\\1",
        "\\k<a>",
        "(?<a>b)",
        "(?m)a",
        "a(?i)b|c",
        "[[:alpha:]]",
        "a{1,2}+",
        "a{,2}",
        "a{2}?",
        "\\p{Nonsense}",
        "\\pL",
        "(",
        "[a",
        "\\",
        "(?~a)",
        "[]a]",
        "a**"
      })
  void whatDiffersFromJavaIsRefused(String expression) {
    assertThatThrownBy(() -> SplitPreTokenizer.of(expression, Behavior.ISOLATED, false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @Timeout(120)
  void anExpressionWithoutEndIsStopped() {
    for (String expression : List.of("(a+)+b", "(a|aa)+b", "(?:(?:a*)*)*b")) {
      PieceScanner scanner = SplitPreTokenizer.of(expression, Behavior.ISOLATED, false).scanner();
      byte[] text = "a".repeat(100_000).getBytes(UTF_8);
      assertThatThrownBy(() -> Pieces.whole(scanner, text))
          .isInstanceOf(SlowPatternException.class)
          .hasMessageContaining("pattern.Regex");
    }
    assertThatThrownBy(() -> SplitPreTokenizer.of("(".repeat(4000), Behavior.ISOLATED, false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Far more than a window, and the pieces do not depend on how it arrives. */
  @Test
  void longTextsNeedBoundedMemory() {
    PreTokenizer split = SplitPreTokenizer.of("x", Behavior.ISOLATED, false);
    byte[] text = ("é".repeat(1_200_000) + "x" + "b".repeat(70_000)).getBytes(UTF_8);
    List<String> pieces = Pieces.whole(split.scanner(), text);
    assertThat(pieces.stream().map(String::length))
        .containsExactly(2 << 20, 2 * (1_200_000 - (1 << 20)), 1, 70_000);
    assertThat(Pieces.chunked(split.scanner(), text, 100_000)).isEqualTo(pieces);
  }

  @Test
  void aSpaceComesFirstInEachTextOfTheLastStep() {
    PieceScanner alone = new ByteLevelPreTokenizer(true, true).scanner();
    assertThat(Pieces.of(alone, "ab c")).containsExactly(" ab", " c");
    PreTokenizer steps =
        new SequencePreTokenizer(
            List.of(new DigitsPreTokenizer(false), new ByteLevelPreTokenizer(true, true)));
    assertThat(Pieces.of(steps.scanner(), "a12 b")).containsExactly(" a", " 12", " b");
    assertThat(Pieces.strings(Pieces.chunked(steps.scanner(), "a12 b".getBytes(UTF_8), 1)))
        .containsExactly(" a", " 12", " b");
    assertThat(Pieces.of(new ByteLevelPreTokenizer(true, false).scanner(), "")).isEmpty();
  }
}
