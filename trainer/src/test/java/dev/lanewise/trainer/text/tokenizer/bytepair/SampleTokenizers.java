package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.fixture.Tokenizers;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Tokenizers of a sample text, of every kind that has files. */
final class SampleTokenizers {

  private SampleTokenizers() {}

  static BytePairTokenizer bytePairs() {
    return Tokenizers.bytePairs(Texts.SAMPLE, 300);
  }

  static BytePairTokenizer withSpecialTokens() {
    BytePairTokenizer plain = bytePairs();
    long[] merges = new long[plain.mergeCount()];
    Arrays.setAll(merges, plain::merge);
    return new BytePairTokenizer(merges, List.of("<|endoftext|>", "<pad>"));
  }

  static Stream<Tokenizer> all() {
    return Stream.of(
        bytePairs(),
        withSpecialTokens(),
        Tokenizers.characters(Texts.SAMPLE + "\"\\\u0000\u2028😀"));
  }
}
