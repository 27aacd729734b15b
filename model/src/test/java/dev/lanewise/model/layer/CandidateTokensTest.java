package dev.lanewise.model.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.CrossEntropy;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which tokens a sampled softmax runs over. */
class CandidateTokensTest {

  private static final int STEP = 4;

  /** What was drawn for a pass whose first row is number 100. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  private record Draw(int[] tokens, float[] added, int[] columns) {

    static Draw of(int vocabularySize, int count, int[] targets, long seed, int step) {
      CandidateTokens candidates = new CandidateTokens(vocabularySize, count, 1);
      int[] tokens = new int[count];
      float[] added = new float[count + 3];
      int[] columns = new int[targets.length];
      int[] marks = new int[candidates.marks()];
      // What an earlier pass left.
      Arrays.fill(marks, -1);
      candidates.draw(targets, targets.length, seed, step, 100, marks, tokens, added, 3, columns);
      return new Draw(tokens, Arrays.copyOfRange(added, 3, count + 3), columns);
    }
  }

  private static int[] targets(int vocabularySize, int rows, long seed) {
    return new Random(seed)
        .ints(rows, -1, vocabularySize)
        .map(id -> id < 0 ? CrossEntropy.UNCOUNTED : id)
        .toArray();
  }

  @ParameterizedTest
  @CsvSource({
    "61, 34, 24",
    "64, 63, 5",
    "65, 2, 1",
    "100, 50, 0",
    "5000, 1024, 512",
    "32, 31, 30",
    "50257, 2000, 1024",
    "97, 96, 95"
  })
  void theDrawIsTheDefinition(int vocabularySize, int count, int rows) {
    int[] targets = targets(vocabularySize, rows, count);
    Draw draw = Draw.of(vocabularySize, count, targets, 9, STEP);
    double[] defined =
        RandomMasks.of(9, STEP).from(100).addedToLogits(targets, vocabularySize, count);

    assertThat(draw.tokens).doesNotHaveDuplicates();
    int[] sorted = draw.tokens.clone();
    Arrays.sort(sorted);
    assertThat(sorted)
        .isEqualTo(
            IntStream.range(0, vocabularySize)
                .filter(id -> defined[id] != Double.NEGATIVE_INFINITY)
                .toArray());
    for (int i = 0; i < count; i++) {
      assertThat(draw.added[i]).isEqualTo((float) defined[draw.tokens[i]]);
    }
    for (int row = 0; row < rows; row++) {
      if (targets[row] == CrossEntropy.UNCOUNTED) {
        assertThat(draw.columns[row]).isEqualTo(CrossEntropy.UNCOUNTED);
      } else {
        assertThat(draw.tokens[draw.columns[row]]).isEqualTo(targets[row]);
        assertThat(draw.added[draw.columns[row]]).isZero();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 90", "7, 7", "7, 8", "7, 1000", "824, 4800", "60000, 100000"})
  void runsHoldEachTokenOnceAndGrow(int runs, int others) {
    assertThat(CandidateTokens.begin(0, runs, others)).isZero();
    assertThat(CandidateTokens.begin(runs, runs, others)).isEqualTo(others);
    int[] sizes =
        IntStream.range(0, runs)
            .map(
                i ->
                    CandidateTokens.begin(i + 1, runs, others)
                        - CandidateTokens.begin(i, runs, others))
            .toArray();
    assertThat(Arrays.stream(sizes).min().orElseThrow()).isPositive();
    // Rounding down moves a border by less than one.
    for (int i = 1; i < runs; i++) {
      assertThat(sizes[i]).isGreaterThanOrEqualTo(sizes[i - 1] - 1);
    }
  }

  /** Exponentials of the candidates' logits add up, on average, to those of all tokens. */
  @Test
  void theSumOfExponentialsIsRightOnAverage() {
    int vocabularySize = 300;
    int[] targets = {5, 200, CrossEntropy.UNCOUNTED, 5};
    double[] values = new Random(3).doubles(vocabularySize, 0.2, 3).toArray();
    int draws = 20_000;
    double sum = 0;
    double squares = 0;
    for (int step = 0; step < draws; step++) {
      Draw draw = Draw.of(vocabularySize, 40, targets, 1, step);
      double found = 0;
      for (int i = 0; i < draw.tokens.length; i++) {
        found += values[draw.tokens[i]] * Math.exp(draw.added[i]);
      }
      sum += found;
      squares += found * found;
    }
    double mean = sum / draws;
    double deviation = Math.sqrt((squares / draws - mean * mean) / draws);
    assertThat(mean).isCloseTo(Arrays.stream(values).sum(), within(5 * deviation));
    assertThat(deviation).isPositive();
  }

  @Test
  void stepsSeedsAndPassesDrawEachByItself() {
    int[] targets = targets(5000, 100, 1);
    int[] one = Draw.of(5000, 400, targets, 1, 1).tokens;
    assertThat(Draw.of(5000, 400, targets, 1, 1).tokens).isEqualTo(one);
    assertThat(Draw.of(5000, 400, targets, 1, 2).tokens).isNotEqualTo(one);
    assertThat(Draw.of(5000, 400, targets, 2, 1).tokens).isNotEqualTo(one);
    double[] here = RandomMasks.of(1, 1).from(100).addedToLogits(targets, 5000, 400);
    double[] there = RandomMasks.of(1, 1).from(612).addedToLogits(targets, 5000, 400);
    assertThat(there).isNotEqualTo(here);
  }

  @Test
  void thereHasToBeRoomBesideTheTargets() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Draw.of(90, 3, new int[] {1, 2, 2, 3}, 1, 1))
        .withMessage("3 candidates are not more than the 3 different targets");
  }
}
