package dev.lanewise.trainer.text.tokenizer.bytepair;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.fixture.Reports;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.fixture.Tokenizers;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.text.tokenizer.ByteAlphabet;
import dev.lanewise.trainer.text.tokenizer.TokenBytes;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.merge.MergeTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BytePairTrainerTest {

  /** Few letters and many repetitions, so that pairs overlap and counts tie. */
  @Provide
  Arbitrary<String> repetitive() {
    return Arbitraries.oneOf(
        Arbitraries.strings().withChars("ab ").ofMaxLength(120),
        Arbitraries.strings().withChars("aab bc\n1").ofMaxLength(200),
        Texts.tricky().map(text -> text + text));
  }

  @Property
  void learnsTheMergesOfTheNaiveTrainer(
      @ForAll("repetitive") String text, @ForAll @IntRange(max = 60) int merges) {
    assertThat(merges(Tokenizers.bytePairs(text, 256 + merges)))
        .isEqualTo(NaiveBytePairs.train(text, merges));
  }

  @Test
  void learnsTheMergesOfTheNaiveTrainerFromProse() {
    String text = Texts.SAMPLE.repeat(3);
    assertThat(merges(Tokenizers.bytePairs(text, 256 + 400)))
        .isEqualTo(NaiveBytePairs.train(text, 400));
  }

  @Test
  void amongEqualCountsTheSmallerLeftIdThenTheSmallerRightIdComesFirst() {
    // Ids ascend with the letters. Every pair occurs twice.
    List<NaiveBytePairs.Pair> merges =
        merges(Tokenizers.bytePairs("da\nda\nca\nca\ncb\ncb\n", 256 + 3));
    int a = ByteAlphabet.idOf((byte) 'a');
    assertThat(merges)
        .containsExactly(
            new NaiveBytePairs.Pair(a + 2, a),
            new NaiveBytePairs.Pair(a + 2, a + 1),
            new NaiveBytePairs.Pair(a + 3, a));
  }

  @Test
  void chunkBordersDoNotMatter() {
    byte[] utf8 = Texts.SAMPLE.repeat(2).getBytes(UTF_8);
    BytePairTrainer trainer = new BytePairTrainer();
    for (int i = 0; i < utf8.length; i++) {
      trainer.write(utf8, i, 1);
    }
    assertThat(trainer.train(400).fingerprint())
        .isEqualTo(Tokenizers.bytePairs(Texts.SAMPLE.repeat(2), 400).fingerprint());
  }

  @Test
  void stopsWhenNoPairOccursTwice() {
    assertThat(Tokenizers.bytePairs("abab cd", 1000).vocabularySize()).isEqualTo(256 + 1);
    assertThat(Tokenizers.bytePairs("", 1000).vocabularySize()).isEqualTo(256);
  }

  @Test
  void tokensStayBelowTheirGreatestLength() {
    BytePairTokenizer tokenizer = Tokenizers.bytePairs(("a".repeat(60_000) + "\n").repeat(3), 300);
    assertThat(tokenizer.tokenBytes(tokenizer.vocabularySize() - 1).length)
        .isLessThanOrEqualTo(TokenBytes.Builder.MAX_TOKEN_BYTES);
    assertThat(tokenizer.vocabularySize()).isGreaterThan(256 + 10);
  }

  @Test
  void refusesImpossibleSizes() {
    assertThatThrownBy(() -> Tokenizers.bytePairs("text", 255))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("256")
        .hasMessageContaining("255");
    assertThatThrownBy(() -> Tokenizers.bytePairs("text", Tokenizer.MAX_VOCABULARY + 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void reportsProgress() {
    Reports reports = new Reports();
    BytePairTrainer trainer = new BytePairTrainer();
    trainer.write(Texts.SAMPLE.repeat(2));
    BytePairTokenizer tokenizer = trainer.train(450, reports);
    assertThat(reports.phases()).containsExactly(Phase.LEARNING);
    assertThat(reports.of(Phase.LEARNING))
        .startsWith(new Reports.Report(Phase.LEARNING, 0, 450 - 256))
        .contains(new Reports.Report(Phase.LEARNING, 100, 450 - 256));
    assertThat(reports.of(Phase.LEARNING).getLast().done())
        .isEqualTo(tokenizer.vocabularySize() - 256);
  }

  @Test
  void frequentWordsAreCountedExactlyHoweverManyRareOnesThereAre() {
    BytePairTrainer trainer = new BytePairTrainer(100, 1 << 20);
    for (int i = 0; i < 5000; i++) {
      trainer.write("\nqz\n" + Integer.toString(i, 36));
    }
    assertThat(trainer.isApproximate()).isTrue();
    assertThat(merges(trainer.train(257)))
        .containsExactly(
            new NaiveBytePairs.Pair(ByteAlphabet.idOf((byte) 'q'), ByteAlphabet.idOf((byte) 'z')));
  }

  /** Forgetting what was seen once would leave of all these words those that came last. */
  @Test
  void thinnedCountsAreRightOnAverageAllOverTheText() {
    int words = 40_000;
    WordCounts counts = new WordCounts(2000, 1 << 20);
    for (int i = 0; i < words; i++) {
      byte[] word = Integer.toString(i).getBytes(UTF_8);
      counts.add(word, 0, word.length, 1);
    }
    assertThat(counts.isThinned()).isTrue();
    long[] quarters = new long[4];
    for (int word = 0; word < counts.size(); word++) {
      String text = new String(counts.keys(), counts.start(word), counts.length(word), UTF_8);
      quarters[Integer.parseInt(text) * 4 / words] += counts.count(word);
    }
    for (long quarter : quarters) {
      assertThat(quarter).isBetween(words / 4 * 8L / 10, words / 4 * 12L / 10);
    }
  }

  /** Two halves of different words without spaces, four times what there is room for. */
  @Test
  void longTextWithoutSpacesIsLearnedFromItsBeginningToo() {
    String first = withoutSpaces("abcdefg", 1);
    String second = withoutSpaces("hijklmn", 2);
    BytePairTrainer exact = new BytePairTrainer();
    BytePairTrainer bounded = new BytePairTrainer(1 << 21, first.length() / 2);
    for (BytePairTrainer trainer : List.of(exact, bounded)) {
      trainer.write(first);
      trainer.write(second);
    }
    BytePairTokenizer best = exact.train(500);
    BytePairTokenizer learned = bounded.train(500);
    assertThat(bounded.isApproximate()).isTrue();
    for (String half : List.of(first, second)) {
      assertThat(learned.encode(half).length).isLessThan(best.encode(half).length * 12 / 10);
    }
  }

  private static String withoutSpaces(String letters, long seed) {
    Random random = new Random(seed);
    List<String> words = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      StringBuilder word = new StringBuilder();
      for (int j = 0; j < 6; j++) {
        word.append(letters.charAt(random.nextInt(letters.length())));
      }
      words.add(word.toString());
    }
    StringBuilder text = new StringBuilder();
    for (int line = 0; line < 300; line++) {
      for (int i = 0; i < 60; i++) {
        text.append(words.get(random.nextInt(words.size())));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static List<NaiveBytePairs.Pair> merges(BytePairTokenizer tokenizer) {
    List<NaiveBytePairs.Pair> merges = new ArrayList<>();
    for (int i = 0; i < tokenizer.mergeCount(); i++) {
      long merge = tokenizer.merge(i);
      merges.add(new NaiveBytePairs.Pair(MergeTable.left(merge), MergeTable.right(merge)));
    }
    return merges;
  }
}
