package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.AddedTokenEncoder;
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
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Byte-level byte pair encoding in GPT-2's form: as a rule ids 0..255 are the bytes in GPT-2's
 * order, then come the merges in order, then special tokens, which text encodes to only when asked.
 * A file may give other ids: then these are the places of bytes and merges inside, and {@link
 * TokenIds} translates them.
 */
public final class BytePairTokenizer implements Tokenizer {

  /** The fewest ids: one for every byte. */
  public static final int MIN_VOCABULARY = ByteAlphabet.SIZE;

  /** The ids of {@link #gpt2}. */
  public static final int GPT2_VOCABULARY = 50_257;

  private final long[] merges;
  private final TokenIds ids;
  private final int[] translation;
  private final List<AddedToken> always;
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
    this(merges, TokenIds.inOrder(merges.length, specialTokens));
  }

  /** As above, with the ids of a file. */
  BytePairTokenizer(long[] merges, TokenIds ids) {
    this.merges = merges.clone();
    this.ids = ids.withEnd(endOf(ids));
    this.translation = ids.translation();
    this.always = ids.added().stream().filter(token -> !token.special()).toList();
    this.tokens = arrange(spell(this.merges), ids);
    this.table = new MergeTable(this.merges.length, ByteAlphabet.SIZE);
    for (long merge : this.merges) {
      table.add(merge);
    }
    this.fingerprint = computeFingerprint();
  }

  private static String endOf(TokenIds ids) {
    List<String> names = TokenIds.names(ids.added());
    if (ids.end() != null && names.contains(ids.end())) {
      return ids.end();
    }
    return names.contains(TokenIds.END_OF_TEXT) ? TokenIds.END_OF_TEXT : null;
  }

  /** The same with another token that ends documents, if it is an added one. */
  public BytePairTokenizer withEnd(String name) {
    return TokenIds.names(ids.added()).contains(name)
        ? new BytePairTokenizer(merges, ids.withEnd(name))
        : this;
  }

  /**
   * GPT-2's own tokenizer: {@value #GPT2_VOCABULARY} ids, the last one {@code <|endoftext|>}. Its
   * table comes with jtokkit.
   */
  public static BytePairTokenizer gpt2() {
    return Gpt2Vocabulary.load();
  }

  /** Bytes and merges, in this order. */
  private static TokenBytes.Builder spell(long[] merges) {
    int count = ByteAlphabet.SIZE + merges.length;
    if (count > MAX_VOCABULARY) {
      throw new IllegalArgumentException(
          "%d tokens are more than the %d possible".formatted(count, MAX_VOCABULARY));
    }
    TokenBytes.Builder tokens = new TokenBytes.Builder(count);
    for (int id = 0; id < ByteAlphabet.SIZE; id++) {
      tokens.add(ByteAlphabet.byteOf(id));
    }
    Set<String> seen = new HashSet<>();
    for (int id = ByteAlphabet.SIZE; id < count; id++) {
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
    return tokens;
  }

  /** All tokens by id. */
  private static TokenBytes arrange(TokenBytes.Builder spelled, TokenIds ids) {
    List<String> names = TokenIds.names(ids.added());
    if (new HashSet<>(names).size() < names.size()) {
      throw new IllegalArgumentException("two special tokens have the same name");
    }
    int count = ids.count();
    if (count > MAX_VOCABULARY) {
      throw new IllegalArgumentException(
          "%d tokens are more than the %d possible".formatted(count, MAX_VOCABULARY));
    }
    byte[][] bytes = new byte[count][];
    for (AddedToken token : ids.added()) {
      bytes[token.id()] = Utf8.bytes(token.name());
    }
    for (TokenIds.Unreachable token : ids.unreachable()) {
      bytes[token.id()] = ByteAlphabet.hide(token.shown());
    }
    TokenBytes made = spelled.build();
    for (int i = 0; i < ids.made().size(); i++) {
      if (ids.made().get(i) != TokenIds.NONE) {
        bytes[ids.made().get(i)] = made.of(i);
      }
    }
    TokenBytes.Builder tokens = new TokenBytes.Builder(count);
    for (byte[] token : bytes) {
      tokens.add(token);
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
    for (AddedToken token : ids.added()) {
      sum.add(token.name());
    }
    if (!ids.isInOrder()) {
      sum.add(ids.toString());
    }
    return sum.hex();
  }

  @Override
  public int vocabularySize() {
    return tokens.count();
  }

  @Override
  public int[] encode(String text) {
    return always.isEmpty() ? BytePairEncoder.encode(this, Utf8.bytes(text)) : collect(text, false);
  }

  @Override
  public int[] encodeWithSpecial(String text) {
    return collect(text, true);
  }

  private int[] collect(String text, boolean special) {
    IntStream.Builder all = IntStream.builder();
    TokenEncoder encoder =
        encoder(
            (some, count) -> {
              for (int i = 0; i < count; i++) {
                all.add(some[i]);
              }
            },
            special);
    byte[] utf8 = Utf8.bytes(text);
    try {
      encoder.write(utf8, 0, utf8.length);
      encoder.finish();
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot fail", e);
    }
    return all.build().toArray();
  }

  @Override
  public TokenEncoder encoder(TokenSink sink) {
    return encoder(sink, false);
  }

  @Override
  public TokenEncoder encoder(TokenSink sink, boolean special) {
    TokenEncoder plain = new BytePairEncoder(this, sink);
    List<AddedToken> found = special ? ids.added() : always;
    return found.isEmpty() ? plain : new AddedTokenEncoder(found, plain, sink);
  }

  @Override
  public List<AddedToken> addedTokens() {
    return ids.added();
  }

  @Override
  public OptionalInt endToken() {
    return ids.added().stream()
        .filter(token -> token.name().equals(ids.end()))
        .mapToInt(AddedToken::id)
        .findFirst();
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

  /**
   * The pair of ids that merge i joins into the token at place 256+i, packed by {@link
   * MergeTable#pair}.
   */
  long merge(int i) {
    return merges[i];
  }

  TokenIds ids() {
    return ids;
  }

  /** Ids of bytes and merges by their places; null if they are the same. */
  int[] translation() {
    return translation;
  }

  MergeTable table() {
    return table;
  }
}
