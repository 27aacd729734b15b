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
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "\\p{Han}+ ; ab世界c ; ab/世界/c",
        "\\p{^L}+ ; ab12c ; ab/12/c",
        "\\P{^L}+ ; ab12c ; ab/12/c",
        "[^\\w]+ ; aé‿1!b ; aé‿1/!/b",
        "\\w+ ; a\u200db ; a/\u200d/b",
        "^. ; ab\u2028cd ; a/b\u2028cd",
        "(?i:ab) ; xAbaB ; x/Ab/aB",
        "(?=b) ; abab ; a/ba/b",
        "x|(?=b) ; xab ; x/a/b",
        "x|(?=b) ; xbab ; x/ba/b",
        "\\d{2}(?=(\\d{3})*$) ; 12345 ; 12/3/45",
        "(?<=x)\\x{1F600} ; x😀😀 ; x/😀/😀",
        "[一-龥]+ ; a世 ; a/世",
        "\\bb ; ab b ; ab /b",
        "a\\B ; ab aé a\u0331 a ; a/b /a/é /a/\u0331 a",
        "a\\b ; a² a\u200d ; a² /a/\u200d",
        "\\w+ ; a²½_1·é ; a²½_1/·/é",
        "[\\w]+ ; a²½_1é ; a/²½/_1é",
        "\\Aa ; aab ; a/ab",
        "\\Ga ; aaba ; a/a/ba",
        "`a\\z` ; `aab\na` ; `aab\n/a`",
        "\\h+ ; xAf0g ; x/Af0/g",
        "[^\\H1]+ ; a1bz ; a/1/b/z",
        "`a\\vb` ; `a\u000bb\n` ; `a\u000bb/\n`",
        "`a\\R\\n|\\R` ; `a\r\nb` ; `a/\r\n/b`",
        "`\\N` ; `a\n\n` ; `a/\n\n`",
        "[[:alpha:]]+ ; aé١1 ; aé/١1",
        "[[:^alpha:][:upper:]]+ ; aé1Éa ; aé/1É/a",
        "[[:punct:]]+ ; a!$é ; a/!$/é",
        "\\p{Punct}+ ; a!$é ; a/!/$é",
        "\\p{Uppercase_Letter}\\p{lower case} ; aBcD ; a/Bc/D",
        "\\p{XDigit}+ ; aE３ ; aE/３",
        "\\p{Hani}\\p{greek} ; 世α ; 世α",
        "(?<n>a|b)(c)\\k<n> ; acbaca ; acb/aca",
        "(a|b)\\1 ; abba ; a/bb/a",
        "(?<n>[^\\n])\\k'n' ; abb ; a/bb",
        "`(?x) a b # c\n d\\ e` ; `abd e` ; `abd e`",
        "(?x: a )[ b] ; a c ; a /c",
        "a{,2}b ; aaab ; a/aab",
        "a{2}+ ; aaaaax ; aaaa/ax",
        "a{1,2}+b ; aaab ; aaab",
        "a{2}? b ; a b ; a/ b",
        "a+{2} ; aaab ; aaa/b",
        "a?*b ; aaab ; aaab",
        "a{,2}+ab ; aaab ; aaab",
        "a{1,2}*ab|x ; xab ; x/ab",
        "a{0}+b ; aab ; aa/b",
        "a*++b|a ; aab ; aab",
        "(?<=a{1,200})b ; abb ; a/b/b",
        "a{x}|b{,} ; a{x}b{,} ; a{x}/b{,}",
        "a{1}{2} ; aaa ; aa/a",
        "a(?#b)+c ; aac ; aac",
        "`a.b` ; `a\nb` ; `a\nb`",
        "`(?m)a.b` ; `a\nbc` ; `a\nb/c`",
        "a(?i)b|c ; aBCac ; aB/C/ac",
        "(?i:i) ; iIİı ; i/I/İı",
        "(?i:[a-z])+ ; aKſıİ ; aKſ/ıİ",
        "(?i)[^\\W_a]+ ; bAaB ; b/Aa/B",
        "(?i)\\p{Lu} ; aA ; a/A",
        "[]a]+ ; ]ab ; ]a/b",
        "[a-c-e]+ ; b-ed ; b-e/d",
        "[a-zA-Z0-9-_]+ ; a-_b.c ; a-_b/./c",
        "[0-9-.]+ ; 1-.,a ; 1-./,a",
        "[0-9-.-a]+ ; 1-.:-_b ; 1-.:-_/b",
        "[a-c--.]+ ; b-ed., ; b-/ed/./,",
        "[a-c-\\d]+ ; b-1d ; b-1/d",
        "[a-c-&&b-]+ ; b-ed ; b-/ed",
        "(?i)[^\\p{Lu}]+ ; _B-é1ß² ; _/B/-/é/1/ß/²",
        "(?i)[^ß]+ ; aẞßb ; a/ẞß/b",
        "(?i)[^\u0390]+ ; a\u1fd3b ; a/\u1fd3/b",
        "(?i)[\\p{Nl}]+ ; aⅣⅳ ; a/Ⅳⅳ",
        "[^a-z&&[^b]]+ ; abA1 ; a/bA1",
        "[\\w&&[^\\d]]+ ; ab1é ; ab/1/é",
        "(?<=\\p{So})x ; 😀xx ; 😀/x/x",
        "(?<=😀|b)x ; bxx ; b/x/x",
        "\\u00e9\\x{1F600}\\x41\\0 ; é😀A\u0000b ; é😀A\u0000/b",
        "\\i\\_ ; i_j ; i_/j",
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
        "\\X",
        "\\K",
        "\\y",
        "\\1",
        "(a\\1)",
        "(?<a>b)\\1",
        "(?<a>b)(?<a>c)",
        "\\k<a>",
        "(a)\\g<1>",
        "(?i:(a)\\1)",
        "(?i:ss)",
        "(?i:[ß])",
        "(?i:[\\p{L}])",
        "(?s)a",
        "(?<=a+)b",
        "(?<=(a{16}|b){17})c",
        "(?<!a{200}[b-d]{57})c",
        "(?<=(?i)a{257}|b)c",
        "(?<!ab*)c",
        "a+??",
        "^*",
        "(?i){2}a",
        "[[:nonsense:]]",
        "[\\d-a]",
        "[a&&]",
        "[]",
        "\\p{Nonsense}",
        "\\p{IsLatin}",
        "\\pL",
        "\\xC3\\xA9",
        "\\u41",
        "\\x{d800}",
        "(",
        "a)",
        "[a",
        "\\",
        "(?~a)",
        "(?(1)a)",
        "a{2,1}",
        "*a",
        "(?#a"
      })
  void whatHasNoCounterpartIsRefused(String expression) {
    assertThatThrownBy(() -> SplitPreTokenizer.of(expression, Behavior.ISOLATED, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("regular expression");
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

  /** The form in which GPT-4's expression was published. */
  @Test
  void aRepetitionThatIsRepeatedNeedsNoStackForEachRound() {
    PieceScanner scanner = SplitPreTokenizer.of("\\p{N}{1,3}+", Behavior.ISOLATED, false).scanner();
    String text = "1".repeat(100_000);
    assertThat(Pieces.of(scanner, text + "a")).containsExactly(text, "a");
  }

  /** Also where what is done with has just been dropped, which the lengths are for. */
  @Test
  void theLongestLookBehindSeesAllOfItsText() {
    PreTokenizer split =
        SplitPreTokenizer.of("c+|[a\\x{1F600}]|(?<=a\\x{1F600}{255})b", Behavior.ISOLATED, false);
    for (int before : new int[] {65_283, 65_541}) {
      String text = "c".repeat(before) + "a" + "\ud83d\ude00".repeat(255) + "bb";
      assertThat(Pieces.strings(Pieces.chunked(split.scanner(), text.getBytes(UTF_8), 512)))
          .hasSize(1 + 1 + 255 + 2);
    }
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

  /** As tokenizers has it: a byte of a character may look like a digit. */
  @Test
  void stepsBehindTheBytesSeeTheCharactersThatStandForThem() {
    PreTokenizer bytes = new ByteLevelPreTokenizer(false, true);
    PreTokenizer digits = new SequencePreTokenizer(List.of(bytes, new DigitsPreTokenizer(true)));
    byte[] text = "a12 \u00e9\u00b2 \u0661x\u00bd".getBytes(UTF_8);
    List<String> expected =
        List.of(
            "a",
            "1",
            "2",
            " \u00c3\u00a9",
            "\u00c2",
            "\u00b2",
            " \u00d9\u00a1",
            "x",
            "\u00c2",
            "\u00bd");
    assertThat(Pieces.whole(digits.scanner(), text)).isEqualTo(expected);
    assertThat(Pieces.chunked(digits.scanner(), text, 1)).isEqualTo(expected);
    PreTokenizer spaces =
        new SequencePreTokenizer(
            List.of(bytes, SplitPreTokenizer.of("\u0120", Behavior.REMOVED, false)));
    assertThat(Pieces.of(spaces.scanner(), "a \u00e9 b")).containsExactly("a", "\u00e9", "b");
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
