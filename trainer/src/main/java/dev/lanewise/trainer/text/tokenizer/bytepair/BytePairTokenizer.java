package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.ByteAlphabet;
import dev.lanewise.trainer.text.tokenizer.Fingerprint;
import dev.lanewise.trainer.text.tokenizer.SourceFiles;
import dev.lanewise.trainer.text.tokenizer.TokenBytes;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.Vocabulary;
import dev.lanewise.trainer.text.tokenizer.merge.MergeAssembly;
import dev.lanewise.trainer.text.tokenizer.merge.MergeTable;
import dev.lanewise.trainer.text.tokenizer.merge.TextRules;
import dev.lanewise.trainer.text.tokenizer.merge.TextSteps;
import dev.lanewise.trainer.text.tokenizer.pretokenizer.Gpt2Scanner;
import dev.lanewise.trainer.text.tokenizer.pretokenizer.PreTokenizer;
import dev.lanewise.trainer.text.tokenizer.pretokenizer.PreTokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Byte-level byte pair encoding. A text goes through these steps: added tokens are found in it,
 * what is between them is normalized, other added tokens are found in that, and the rest is cut
 * into pieces, in each of which pairs of bytes are merged. Those that Lanewise trains are as
 * GPT-2's: ids 0..255 are the bytes in GPT-2's order, then come the merges in order, then special
 * tokens.
 */
public final class BytePairTokenizer implements Tokenizer {

  /** The fewest ids: one for every byte. */
  public static final int MIN_VOCABULARY = ByteAlphabet.SIZE;

  /** The ids of {@link #gpt2}. */
  public static final int GPT2_VOCABULARY = 50_257;

  private final BytePairModel model;
  private final PreTokenizer preTokenizer;
  private final TextRules rules;
  private final SourceFiles source;
  private final TextSteps steps;
  private final TokenBytes tokens;
  private final String fingerprint;

  /**
   * GPT-2's rules with these merges.
   *
   * @param merges pairs of ids in the order of the merges, packed by {@link MergeTable#pair}
   * @param specialTokens names of the last ids
   * @throws IllegalArgumentException when a merge uses an id that is not there yet, or tokens are
   *     too long, too many or equal
   */
  BytePairTokenizer(long[] merges, List<String> specialTokens) {
    this(
        BytePairModel.inOrder(merges),
        PreTokenizers.GPT2,
        TextRules.gpt2(special(ByteAlphabet.SIZE + merges.length, specialTokens)),
        SourceFiles.NONE);
  }

  /**
   * A tokenizer as its files say.
   *
   * @throws IllegalArgumentException when tokens are too long, too many or equal
   */
  BytePairTokenizer(
      BytePairModel model, PreTokenizer preTokenizer, TextRules rules, SourceFiles source) {
    this.model = model;
    this.preTokenizer = preTokenizer;
    this.rules = rules;
    this.source = source;
    this.tokens = arrange();
    this.steps = new TextSteps(rules);
    this.fingerprint = isGpt2s() ? plainFingerprint() : fullFingerprint();
  }

  private static List<AddedToken> special(int firstId, List<String> names) {
    List<AddedToken> added = new ArrayList<>();
    for (String name : names) {
      added.add(AddedToken.special(firstId + added.size(), name));
    }
    return added;
  }

  /** The same with another token that ends documents, if it is an added one. */
  public BytePairTokenizer withEnd(String name) {
    return new BytePairTokenizer(model, preTokenizer, rules.withEnd(name), source);
  }

  /**
   * GPT-2's own tokenizer: {@value #GPT2_VOCABULARY} ids, the last one {@code <|endoftext|>}. Its
   * table comes with jtokkit.
   */
  public static BytePairTokenizer gpt2() {
    return Gpt2Vocabulary.load();
  }

  /** All tokens by id. */
  private TokenBytes arrange() {
    Set<String> names = new HashSet<>();
    int count = model.shown().size();
    for (AddedToken token : rules.added()) {
      if (!names.add(token.name())) {
        throw new IllegalArgumentException("two special tokens have the same name");
      }
      count = Math.max(count, token.id() + 1);
    }
    if (count > MAX_VOCABULARY) {
      throw new IllegalArgumentException(
          "%d tokens are more than the %d possible".formatted(count, MAX_VOCABULARY));
    }
    TokenBytes.Builder all = new TokenBytes.Builder(count);
    for (String shown : shown()) {
      if (shown.equals(Vocabulary.NONE)) {
        all.addNone();
      } else {
        all.add(ByteAlphabet.hide(shown));
      }
    }
    return all.build();
  }

  /** The tokens as vocabulary files show them, added ones too. */
  List<String> shown() {
    return MergeAssembly.withAdded(model.shown(), rules.added());
  }

  /** Whether this is GPT-2's order and nothing beyond it. */
  private boolean isGpt2s() {
    int made = ByteAlphabet.SIZE + model.table().size();
    List<Integer> behind = IntStream.range(made, made + rules.added().size()).boxed().toList();
    return model.isInOrder()
        && rules.isPlain()
        && tokens.count() == made + behind.size()
        && rules.added().stream().map(AddedToken::id).toList().equals(behind);
  }

  /** As it always was, so that runs know their tokens again. */
  private String plainFingerprint() {
    Fingerprint sum =
        new Fingerprint("byte pair encoding, GPT-2 pieces of at most " + Gpt2Scanner.MAX_BYTES);
    addMerges(sum);
    for (AddedToken token : rules.added()) {
      sum.add(token.name());
    }
    return sum.hex();
  }

  private String fullFingerprint() {
    Fingerprint sum = new Fingerprint("byte pair encoding of a file");
    addMerges(sum);
    sum.add(model.shown().size());
    model.shown().forEach(sum::add);
    rules.addTokensTo(sum);
    sum.add(model.rules().unknown());
    sum.add(model.rules().fuseUnknown() ? 1 : 0);
    sum.add(model.rules().ignoreMerges() ? 1 : 0);
    rules.addStepsTo(sum);
    return sum.hex();
  }

  private void addMerges(Fingerprint sum) {
    sum.add(mergeCount());
    for (int i = 0; i < mergeCount(); i++) {
      sum.add(merge(i));
    }
  }

  @Override
  public int vocabularySize() {
    return tokens.count();
  }

  @Override
  public int[] encode(String text) {
    return steps.areNone()
        ? BytePairEncoder.encode(model, preTokenizer, Utf8.bytes(text))
        : TextSteps.encode(text, this::encoder);
  }

  @Override
  public int[] encodeWithSpecial(String text) {
    return TextSteps.encode(text, sink -> encoder(sink, true));
  }

  @Override
  public TokenEncoder encoder(TokenSink sink) {
    return encoder(sink, false);
  }

  @Override
  public TokenEncoder encoder(TokenSink sink, boolean special) {
    return steps.before(new BytePairEncoder(model, preTokenizer, sink), sink, special);
  }

  @Override
  public List<AddedToken> addedTokens() {
    return rules.added();
  }

  @Override
  public List<Integer> prefix() {
    return rules.prefix();
  }

  @Override
  public OptionalInt endToken() {
    return rules.endToken();
  }

  /** The name of the token that ends a document; null if there is none. */
  String endName() {
    return rules.endName();
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

  /** A tokenizer that was read from files is written as they were. */
  @Override
  public void save(Path folder) throws IOException {
    if (!source.isWhole()) {
      BytePairFiles.write(this, folder);
    }
    source.write(folder);
    source.writeMissingConfiguration(endName(), folder);
  }

  int mergeCount() {
    return model.table().size();
  }

  /** The pair of ids that merge i joins, packed by {@link MergeTable#pair}. */
  long merge(int i) {
    return model.table().pairOf(i);
  }

  /** Id of the token for what is unknown; {@link BytePairModel#NONE} if there is none. */
  int unknown() {
    return model.rules().unknown();
  }
}
