package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.trainer.text.tokenizer.Fingerprint;
import dev.lanewise.trainer.text.tokenizer.TokenBytes;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Byte-level byte pair encoding in GPT-2's form: ids 0..255 are the bytes in GPT-2's order, then
 * come the merges in order, then special tokens, which text never encodes to.
 */
public final class BytePairTokenizer implements Tokenizer {

  /** The fewest ids: one for every byte. */
  public static final int MIN_VOCABULARY = ByteAlphabet.SIZE;

  /** The ids of {@link #gpt2}. */
  public static final int GPT2_VOCABULARY = 50_257;

  private final long[] merges;
  private final List<String> specialTokens;
  private final TokenBytes tokens;
  private final MergeTable table;
  private final String fingerprint;

  /**
   * @param merges pairs of ids in the order of the merges, packed by {@link MergeTable#pair}
   * @param specialTokens names of the last ids
   * @throws IllegalArgumentException when a merge uses an id that is not there yet, or tokens are
   *     too long, too many or equal
   */
  BytePairTokenizer(long[] merges, List<String> specialTokens) {
    this.merges = merges.clone();
    this.specialTokens = List.copyOf(specialTokens);
    this.tokens = spell(this.merges, this.specialTokens);
    this.table = new MergeTable(this.merges.length, ByteAlphabet.SIZE);
    for (long merge : this.merges) {
      table.add(merge);
    }
    this.fingerprint = computeFingerprint();
  }

  /**
   * GPT-2's own tokenizer: {@value #GPT2_VOCABULARY} ids, the last one {@code <|endoftext|>}. Its
   * table comes with jtokkit.
   */
  public static BytePairTokenizer gpt2() {
    return Gpt2Vocabulary.load();
  }

  private static TokenBytes spell(long[] merges, List<String> specialTokens) {
    int mergedEnd = ByteAlphabet.SIZE + merges.length;
    int count = mergedEnd + specialTokens.size();
    if (count > MAX_VOCABULARY) {
      throw new IllegalArgumentException(
          "%d tokens are more than the %d possible".formatted(count, MAX_VOCABULARY));
    }
    TokenBytes.Builder tokens = new TokenBytes.Builder(count);
    for (int id = 0; id < ByteAlphabet.SIZE; id++) {
      tokens.add(ByteAlphabet.byteOf(id));
    }
    Set<String> seen = new HashSet<>();
    for (int id = ByteAlphabet.SIZE; id < mergedEnd; id++) {
      long merge = merges[id - ByteAlphabet.SIZE];
      int left = MergeTable.left(merge);
      int right = MergeTable.right(merge);
      if (left < 0 || left >= id || right < 0 || right >= id) {
        throw new IllegalArgumentException(
            "token %d joins tokens %d and %d, but only 0 to %d are there before it"
                .formatted(id, left, right, id - 1));
      }
      tokens.addJoined(left, right);
      if (!seen.add(tokens.key(id))) {
        throw new IllegalArgumentException(
            "token %d, made of tokens %d and %d, is there already".formatted(id, left, right));
      }
    }
    if (new HashSet<>(specialTokens).size() < specialTokens.size()) {
      throw new IllegalArgumentException("two special tokens have the same name");
    }
    for (String special : specialTokens) {
      tokens.add(Utf8.bytes(special));
    }
    return tokens.build();
  }

  private String computeFingerprint() {
    Fingerprint sum =
        new Fingerprint("byte pair encoding, GPT-2 pieces of at most " + PreTokens.MAX_BYTES);
    sum.add(merges.length);
    for (long merge : merges) {
      sum.add(merge);
    }
    for (String special : specialTokens) {
      sum.add(special);
    }
    return sum.hex();
  }

  @Override
  public int vocabularySize() {
    return tokens.count();
  }

  @Override
  public int[] encode(String text) {
    return BytePairEncoder.encode(table, Utf8.bytes(text));
  }

  @Override
  public TokenEncoder encoder(TokenSink sink) {
    return new BytePairEncoder(table, sink);
  }

  @Override
  public byte[] tokenBytes(int id) {
    return tokens.of(id);
  }

  @Override
  public byte[] decodeBytes(int[] ids, int from, int to) {
    Objects.checkFromToIndex(from, to, ids.length);
    return tokens.join(ids, from, to);
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public void save(Path folder) throws IOException {
    BytePairFiles.write(this, folder);
  }

  int mergeCount() {
    return merges.length;
  }

  /** The pair of ids that merge i joins into id 256+i, packed by {@link MergeTable#pair}. */
  long merge(int i) {
    return merges[i];
  }

  /** The names of the last ids. */
  List<String> specialTokens() {
    return specialTokens;
  }

  MergeTable table() {
    return table;
  }
}
