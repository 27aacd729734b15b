package dev.lanewise.trainer.text.tokenizer.bytefallback;

import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.Fingerprint;
import dev.lanewise.trainer.text.tokenizer.SourceFiles;
import dev.lanewise.trainer.text.tokenizer.StreamingDecoder;
import dev.lanewise.trainer.text.tokenizer.TokenBytes;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.Vocabulary;
import dev.lanewise.trainer.text.tokenizer.merge.MergeAssembly;
import dev.lanewise.trainer.text.tokenizer.merge.TextRules;
import dev.lanewise.trainer.text.tokenizer.merge.TextSteps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Byte pair encoding whose letters are characters; one that is not in the vocabulary becomes its
 * bytes in UTF-8, each a token of its own. Words begin with a mark that stands for a space, and
 * mostly one is put before a text and taken off when it is decoded: so texts that begin with a
 * space may come back without it.
 */
public final class ByteFallbackTokenizer implements Tokenizer {

  private final ByteFallbackModel model;
  private final Metaspace metaspace;
  private final DecoderRules decoding;
  private final TextRules rules;
  private final SourceFiles source;
  private final TextSteps steps;
  private final List<String> names;
  private final TokenBytes tokens;
  private final BitSet bytes = new BitSet();
  private final BitSet special = new BitSet();
  private final String fingerprint;

  /**
   * A tokenizer as its file says.
   *
   * @param metaspace null where the file has no pre-tokenizer
   * @throws IllegalArgumentException when tokens are too long, too many or equal
   */
  ByteFallbackTokenizer(
      ByteFallbackModel model,
      Metaspace metaspace,
      DecoderRules decoding,
      TextRules rules,
      SourceFiles source) {
    this.model = model;
    this.metaspace = metaspace;
    this.decoding = decoding;
    this.rules = rules;
    this.source = source;
    this.steps = new TextSteps(rules);
    this.names = MergeAssembly.decodable(model.tokens(), rules);
    this.tokens = arrange();
    rules.added().stream().filter(AddedToken::special).forEach(token -> special.set(token.id()));
    this.fingerprint = makeFingerprint();
  }

  private TokenBytes arrange() {
    if (names.size() > MAX_VOCABULARY) {
      throw new IllegalArgumentException(
          "%d tokens are more than the %d possible".formatted(names.size(), MAX_VOCABULARY));
    }
    TokenBytes.Builder builder = new TokenBytes.Builder(names.size());
    for (String token : names) {
      if (token.equals(Vocabulary.NONE)) {
        builder.addNone();
      } else if (ByteTokens.isByte(token)) {
        bytes.set(builder.count());
        builder.add(ByteTokens.byteOf(token));
      } else {
        builder.add(Utf8.bytes(decoding.text(token)));
      }
    }
    return builder.build();
  }

  private String makeFingerprint() {
    Fingerprint sum = new Fingerprint("byte pair encoding with byte fallback of a file");
    sum.add(model.tokens().size());
    model.tokens().forEach(sum::add);
    sum.add(model.table().size());
    for (int i = 0; i < model.table().size(); i++) {
      sum.add(model.table().pairOf(i));
    }
    rules.addTokensTo(sum);
    sum.add(model.unknown());
    // One number for both, so that what was without the second has the sum it always had.
    sum.add((model.fuseUnknown() ? 1 : 0) + (model.ignoresMerges() ? 2 : 0));
    rules.addStepsTo(sum);
    return sum.hex();
  }

  /** The same with another token that ends documents, if it is an added one. */
  public ByteFallbackTokenizer withEnd(String name) {
    return new ByteFallbackTokenizer(model, metaspace, decoding, rules.withEnd(name), source);
  }

  @Override
  public int vocabularySize() {
    return tokens.count();
  }

  @Override
  public int[] encode(String text) {
    return TextSteps.encode(text, this::encoder);
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
    if (metaspace == null) {
      return steps.before(pieces(-1, sink), sink, special);
    }
    MarkFirstEncoder marking = metaspace.marking(pieces(metaspace.wordStart(), sink));
    TokenEncoder whole = steps.before(metaspace.replacing(marking), sink, special);
    return new TokenEncoder() {
      @Override
      public void write(byte[] utf8, int offset, int length) throws IOException {
        whole.write(utf8, offset, length);
      }

      @Override
      public void finish() throws IOException {
        whole.finish();
        marking.endText();
      }
    };
  }

  private TokenEncoder pieces(int wordStart, TokenSink sink) {
    ByteFallbackEncoder merging = new ByteFallbackEncoder(model, wordStart, sink);
    return model.ignoresMerges() ? new WholePieceEncoder(model, wordStart, merging, sink) : merging;
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

  @Override
  public byte[] tokenBytes(int id) {
    return tokens.of(id);
  }

  /** Whether a token is decoded to one byte, which need not be a character. */
  boolean isByte(int id) {
    return bytes.get(id);
  }

  /** A token as the vocabulary has it, with marks for spaces. */
  String name(int id) {
    return names.get(id);
  }

  /** With the space that {@link #decode} takes off a text. */
  @Override
  public byte[] decodeBytes(int[] ids, int from, int to) {
    Objects.checkFromToIndex(from, to, ids.length);
    return tokens.join(ids, from, to);
  }

  /** A run of bytes that is not UTF-8 as a whole gives a U+FFFD for each of its bytes. */
  @Override
  public String decode(int[] ids, int from, int to) {
    Objects.checkFromToIndex(from, to, ids.length);
    StreamingDecoder decoder = decoder();
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append(decoder.accept(ids[i]));
    }
    return text.append(decoder.finish()).toString();
  }

  @Override
  public StreamingDecoder decoder() {
    return new ByteFallbackDecoder(this, decoding, true);
  }

  /** Special tokens are no text: what follows only them begins one. */
  @Override
  public StreamingDecoder decoderAfter(int[] ids) {
    return Arrays.stream(ids).allMatch(special::get)
        ? decoder()
        : new ByteFallbackDecoder(this, decoding, false);
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  /** Writes the files as they were read. */
  @Override
  public void save(Path folder) throws IOException {
    source.write(folder);
    source.writeMissingConfiguration(rules.endName(), folder);
  }
}
