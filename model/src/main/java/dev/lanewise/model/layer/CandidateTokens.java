package dev.lanewise.model.layer;

import dev.lanewise.kernels.CrossEntropy;
import dev.lanewise.kernels.Philox;
import java.util.Arrays;

/**
 * The tokens over which training takes the softmax of a pass, where that is not the whole
 * vocabulary: all that the pass has to tell, and others drawn at random.
 *
 * <p><b>Definition.</b> Of V tokens C are candidates. First come the T different targets of the
 * pass, by number. The M = V - T others, by number, are cut into N = C - T runs, of which run i
 * begins at {@link #begin}: the first ones are of one token, the last ones long, because tokens of
 * byte pairs are numbered as they were merged, the frequent ones first. One token of each run is
 * drawn: the one at {@code (u * size) >> 24} from its begin, with {@code u = Philox.element(seed,
 * STREAM, step, firstRow * C + i) >>> 8}. It stands for all of its run, so the logarithm of the
 * run's size, times the temperature, is added to its logit: then the expected sum of exponentials
 * is the one over the whole vocabulary. This is the sampled softmax of Jean et al. (2015, arXiv
 * 1412.2007) with runs in the place of independent draws, which spread more.
 */
final class CandidateTokens {

  /** Beside the streams of dropout, which count from 0, and of rows left out. */
  static final int STREAM = 1 << 30;

  private static final int WORD = Integer.SIZE;

  private final int vocabularySize;
  private final int count;
  private final float temperature;

  /**
   * Makes the draws.
   *
   * @param count candidates (C), fewer than the vocabulary
   * @param temperature what logits are divided by, after something was added to them
   */
  CandidateTokens(int vocabularySize, int count, float temperature) {
    this.vocabularySize = vocabularySize;
    this.count = count;
    this.temperature = temperature;
  }

  /** Returns how many numbers {@link #draw} needs to mark tokens. */
  int marks() {
    return 2 * Math.ceilDiv(vocabularySize, WORD);
  }

  /**
   * Draws.
   *
   * @param targets of the pass, some of them {@link CrossEntropy#UNCOUNTED}
   * @param rows how many there are
   * @param marks room, see {@link #marks}
   * @param tokens receives the candidates
   * @param added receives what is added to their logits
   * @param offset where in {@code added}
   * @param columns receives the number of each row's target among the candidates
   * @throws IllegalArgumentException if there are not more candidates than different targets
   */
  void draw(
      int[] targets,
      int rows,
      long seed,
      int step,
      long firstRow,
      int[] marks,
      int[] tokens,
      float[] added,
      int offset,
      int[] columns) {
    int words = marks.length / 2;
    int different = mark(targets, rows, marks, words);
    if (different >= count) {
      throw new IllegalArgumentException(
          "%d candidates are not more than the %d different targets".formatted(count, different));
    }
    takeMarked(marks, words, tokens);
    Arrays.fill(added, offset, offset + different, 0f);
    for (int row = 0; row < rows; row++) {
      int target = targets[row];
      columns[row] = target == CrossEntropy.UNCOUNTED ? target : column(target, marks, words);
    }
    drawOthers(different, seed, step, firstRow * count, marks, words, tokens, added, offset);
  }

  /** Sets the bits of the targets, and behind them how many come before each word's. */
  private static int mark(int[] targets, int rows, int[] marks, int words) {
    Arrays.fill(marks, 0);
    for (int row = 0; row < rows; row++) {
      int target = targets[row];
      if (target != CrossEntropy.UNCOUNTED) {
        marks[target / WORD] |= 1 << target % WORD;
      }
    }
    int before = 0;
    for (int word = 0; word < words; word++) {
      marks[words + word] = before;
      before += Integer.bitCount(marks[word]);
    }
    return before;
  }

  private static void takeMarked(int[] marks, int words, int[] tokens) {
    int taken = 0;
    for (int word = 0; word < words; word++) {
      for (int bits = marks[word]; bits != 0; bits &= bits - 1) {
        tokens[taken++] = word * WORD + Integer.numberOfTrailingZeros(bits);
      }
    }
  }

  private static int column(int token, int[] marks, int words) {
    int below = marks[token / WORD] & ((1 << token % WORD) - 1);
    return marks[words + token / WORD] + Integer.bitCount(below);
  }

  private void drawOthers(
      int different,
      long seed,
      int step,
      long firstElement,
      int[] marks,
      int words,
      int[] tokens,
      float[] added,
      int offset) {
    int others = vocabularySize - different;
    int runs = count - different;
    int word = 0;
    int begin = 0;
    for (int i = 0; i < runs; i++) {
      int end = begin(i + 1, runs, others);
      int size = end - begin;
      int u = Philox.element(seed, STREAM, step, firstElement + i) >>> 8;
      int wanted = begin + (int) (((long) u * size) >> 24);
      while (word + 1 < words && unmarkedBefore(word + 1, marks, words) <= wanted) {
        word++;
      }
      int bit = zeroBit(marks[word], wanted - unmarkedBefore(word, marks, words));
      tokens[different + i] = word * WORD + bit;
      added[offset + different + i] = (float) (temperature * StrictMath.log(size));
      begin = end;
    }
  }

  /** Returns where run i begins: i + floor((M - N) i² / N²), so that none is empty. */
  static int begin(int i, int runs, int others) {
    long square = (long) runs * runs;
    return i + (int) ((others - runs) * ((long) i * i) / square);
  }

  private static int unmarkedBefore(int word, int[] marks, int words) {
    return word * WORD - marks[words + word];
  }

  /** Returns the number of the zero bit before which there are n zero bits. */
  private static int zeroBit(int bits, int n) {
    int ones = ~bits;
    for (int i = 0; i < n; i++) {
      ones &= ones - 1;
    }
    return Integer.numberOfTrailingZeros(ones);
  }
}
