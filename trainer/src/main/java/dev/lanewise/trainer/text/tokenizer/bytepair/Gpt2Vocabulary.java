package dev.lanewise.trainer.text.tokenizer.bytepair;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import dev.lanewise.trainer.text.tokenizer.ByteAlphabet;
import dev.lanewise.trainer.text.tokenizer.merge.MergeTable;
import dev.lanewise.trainer.text.tokenizer.merge.PairMerger;
import dev.lanewise.trainer.text.tokenizer.merge.TextRules;
import java.util.List;

/**
 * Recovers GPT-2's merges from the table in jtokkit, which only has the tokens in order: the pair
 * that a token was merged from is what the merges before it make of its bytes.
 */
final class Gpt2Vocabulary {

  /** All but the bytes and the end of text. */
  private static final int MERGES = BytePairTokenizer.GPT2_VOCABULARY - ByteAlphabet.SIZE - 1;

  private Gpt2Vocabulary() {}

  static BytePairTokenizer load() {
    Encoding gpt2 = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
    MergeTable table = new MergeTable(MERGES);
    PairMerger merger = new PairMerger(table);
    long[] merges = new long[MERGES];
    IntArrayList single = new IntArrayList(1);
    for (int i = 0; i < MERGES; i++) {
      single.clear();
      single.add(ByteAlphabet.SIZE + i);
      byte[] token = gpt2.decodeBytes(single);
      int[] ids = merger.ids(token.length);
      for (int b = 0; b < token.length; b++) {
        ids[b] = ByteAlphabet.idOf(token[b]);
      }
      int parts = merger.merge(token.length);
      if (parts != 2) {
        throw new IllegalStateException(
            "token %d in jtokkit's table is not a merge of two earlier tokens"
                .formatted(single.get(0)));
      }
      merges[i] = MergeTable.pair(ids[0], ids[1]);
      table.add(merges[i], ByteAlphabet.SIZE + i);
    }
    return new BytePairTokenizer(merges, List.of(TextRules.END_OF_TEXT));
  }
}
