package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.progress.Tally;
import dev.lanewise.trainer.text.tokenizer.ByteAlphabet;
import dev.lanewise.trainer.text.tokenizer.TokenBytes;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.merge.MergeTable;
import dev.lanewise.trainer.text.tokenizer.pretokenizer.Gpt2Scanner;
import dev.lanewise.trainer.text.tokenizer.pretokenizer.PieceScanner;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Learns a {@link BytePairTokenizer} from text: starting from bytes, the pair of neighbours that
 * occurs most often becomes a new token, again and again. Among pairs that occur equally often the
 * one with the smaller left id is taken, then the one with the smaller right id, so that the same
 * text always gives the same tokenizer. Pairs are counted inside the pieces that GPT-2's rules cut
 * text into, never across them.
 *
 * <p>A text with more than about two million different pieces, or 64 MiB of them, is counted
 * approximately: of rare pieces a sample from all over the text stands for the others. {@link
 * #isApproximate} says so.
 */
public final class BytePairTrainer {

  private static final int MAX_WORDS = 1 << 21;
  private static final int MAX_BYTES = 1 << 26;

  /** A pair that occurs once makes no text shorter that is not this very text. */
  private static final int MIN_COUNT = 2;

  private final PieceScanner pieces = new Gpt2Scanner();
  private final WordCounts words;

  /** A trainer that has seen no text. */
  public BytePairTrainer() {
    this(MAX_WORDS, MAX_BYTES);
  }

  BytePairTrainer(int maxWords, int maxBytes) {
    words = new WordCounts(maxWords, maxBytes);
  }

  /** Whether the text so far has more different pieces than can be counted exactly. */
  public boolean isApproximate() {
    return words.isThinned();
  }

  /** Counts the next bytes of the text; a chunk may end anywhere. */
  public void write(byte[] utf8, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, utf8.length);
    int end = offset + length;
    for (int at = offset; at < end; ) {
      at += pieces.feed(utf8, at, end - at);
      drain();
    }
  }

  /** Counts a text that is there as a whole. */
  public void write(String text) {
    byte[] utf8 = Utf8.bytes(text);
    write(utf8, 0, utf8.length);
  }

  private void drain() {
    while (pieces.next()) {
      words.add(pieces.bytes(), pieces.start(), pieces.stop(), 1);
    }
  }

  /** As {@link #train(int, Progress)}, in silence. */
  public BytePairTokenizer train(int vocabularySize) {
    return train(vocabularySize, Progress.SILENT);
  }

  /**
   * Ends the text and learns at most {@code vocabularySize} tokens from it, fewer when no pair
   * occurs twice any more.
   *
   * @param progress of the tokens that are learned, the bytes not among them
   * @throws IllegalArgumentException when the size is not between {@link
   *     BytePairTokenizer#MIN_VOCABULARY} and {@link Tokenizer#MAX_VOCABULARY}
   */
  public BytePairTokenizer train(int vocabularySize, Progress progress) {
    return train(vocabularySize, List.of(), progress);
  }

  /**
   * As {@link #train(int, Progress)}, with special tokens behind what is learned.
   *
   * @param specialTokens their names; they are not among the {@code vocabularySize}
   */
  public BytePairTokenizer train(
      int vocabularySize, List<String> specialTokens, Progress progress) {
    if (vocabularySize < BytePairTokenizer.MIN_VOCABULARY
        || vocabularySize > Tokenizer.MAX_VOCABULARY) {
      throw new IllegalArgumentException(
          "a byte pair vocabulary has %d to %d tokens, not %d"
              .formatted(
                  BytePairTokenizer.MIN_VOCABULARY, Tokenizer.MAX_VOCABULARY, vocabularySize));
    }
    pieces.end();
    drain();
    pieces.restart();
    Tally tally = progress.begin(Phase.LEARNING, (long) vocabularySize - ByteAlphabet.SIZE);
    long[] merges = new Merging(words).merge(vocabularySize, tally);
    tally.end();
    return new BytePairTokenizer(merges, specialTokens);
  }

  /** The words as sequences of ids that get shorter with every merge. */
  private static final class Merging {

    private final WordCounts words;
    private final int[] starts;
    private final int[] lengths;
    private final int[] ids;
    private final PairQueue queue = new PairQueue();

    Merging(WordCounts words) {
      this.words = words;
      starts = new int[words.size()];
      lengths = new int[words.size()];
      int total = 0;
      for (int word = 0; word < words.size(); word++) {
        starts[word] = total;
        lengths[word] = words.length(word);
        total += lengths[word];
      }
      ids = new int[total];
      for (int i = 0; i < total; i++) {
        ids[i] = ByteAlphabet.idOf(words.keys()[i]);
      }
      for (int word = 0; word < starts.length; word++) {
        for (int i = starts[word]; i + 1 < starts[word] + lengths[word]; i++) {
          queue.add(MergeTable.pair(ids[i], ids[i + 1]), words.count(word), word);
        }
      }
    }

    long[] merge(int vocabularySize, Tally learned) {
      long[] merges = new long[vocabularySize - ByteAlphabet.SIZE];
      int[] tokenBytes = new int[vocabularySize];
      Arrays.fill(tokenBytes, 0, ByteAlphabet.SIZE, 1);
      int id = ByteAlphabet.SIZE;
      while (id < vocabularySize) {
        int best = queue.poll();
        if (best < 0 || queue.count(best) < MIN_COUNT) {
          break;
        }
        long pair = queue.pair(best);
        int bytes = tokenBytes[MergeTable.left(pair)] + tokenBytes[MergeTable.right(pair)];
        if (bytes > TokenBytes.Builder.MAX_TOKEN_BYTES) {
          continue;
        }
        tokenBytes[id] = bytes;
        merges[id - ByteAlphabet.SIZE] = pair;
        for (int word : queue.takeWords(best)) {
          replace(word, pair, id);
        }
        id++;
        learned.accept(1);
      }
      return Arrays.copyOf(merges, id - ByteAlphabet.SIZE);
    }

    /**
     * Puts {@code id} for every occurrence of the pair in the word, from left to right, and
     * recounts its neighbours.
     */
    private void replace(int word, long pair, int id) {
      int left = MergeTable.left(pair);
      int right = MergeTable.right(pair);
      int start = starts[word];
      int end = start + lengths[word];
      long times = words.count(word);
      int out = start;
      int in = start;
      while (in < end) {
        if (in + 1 == end || ids[in] != left || ids[in + 1] != right) {
          ids[out++] = ids[in++];
          continue;
        }
        if (out > start) {
          recount(ids[out - 1], left, ids[out - 1], id, times, word);
        }
        if (in + 2 < end) {
          recount(right, ids[in + 2], id, ids[in + 2], times, word);
        }
        ids[out++] = id;
        in += 2;
      }
      lengths[word] = out - start;
    }

    private void recount(int left, int right, int newLeft, int newRight, long times, int word) {
      queue.subtract(MergeTable.pair(left, right), times);
      queue.add(MergeTable.pair(newLeft, newRight), times, word);
    }
  }
}
