package dev.lanewise.trainer.text.tokenizer;

import dev.lanewise.model.io.Counted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A tokenizer with more tokens than a model has rows for them: a padding token that was added and
 * never trained, for instance. A text that has one of those is refused.
 */
public final class BoundedTokenizer implements Tokenizer {

  private final Tokenizer whole;
  private final int rows;

  private BoundedTokenizer(Tokenizer whole, int rows) {
    this.whole = whole;
    this.rows = rows;
  }

  /**
   * Fits a tokenizer to a model.
   *
   * @param rows ids that the model has
   * @throws IllegalArgumentException if any text may be encoded to others: not each of them is an
   *     added token, or one is put in front of every text
   */
  public static Tokenizer of(Tokenizer tokenizer, int rows) {
    if (tokenizer.vocabularySize() <= rows) {
      return tokenizer;
    }
    Set<Integer> added =
        tokenizer.addedTokens().stream().map(AddedToken::id).collect(Collectors.toSet());
    boolean reached =
        tokenizer.prefix().stream().anyMatch(id -> id >= rows)
            || IntStream.range(rows, tokenizer.vocabularySize())
                .anyMatch(id -> !added.contains(id) && tokenizer.tokenBytes(id).length > 0);
    if (reached) {
      throw new IllegalArgumentException(
          "is %d, but the tokenizer beside it has %d tokens"
              .formatted(rows, tokenizer.vocabularySize()));
    }
    return new BoundedTokenizer(tokenizer, rows);
  }

  /** Says for people what the model does not have. */
  public String describe() {
    List<AddedToken> beyond = addedTokens().stream().filter(token -> token.id() >= rows).toList();
    return "the tokenizer has %s beyond the %d of the model (%s has id %d); a text with one of them is refused"
        .formatted(
            Counted.of(beyond.size(), "token"),
            rows,
            beyond.getFirst().name(),
            beyond.getFirst().id());
  }

  private int[] checked(int[] ids, int count) {
    for (int i = 0; i < count; i++) {
      if (ids[i] >= rows) {
        throw new IllegalArgumentException(
            "the text has %s, the token %d, and the model has %d tokens; leave it out, or take a model that was trained with it"
                .formatted(whole.decode(ids, i, i + 1), ids[i], rows));
      }
    }
    return ids;
  }

  private TokenSink checked(TokenSink sink) {
    return (ids, count) -> sink.accept(checked(ids, count), count);
  }

  @Override
  public int vocabularySize() {
    return rows;
  }

  @Override
  public int[] encode(String text) {
    int[] ids = whole.encode(text);
    return checked(ids, ids.length);
  }

  @Override
  public int[] encodeWithSpecial(String text) {
    int[] ids = whole.encodeWithSpecial(text);
    return checked(ids, ids.length);
  }

  @Override
  public TokenEncoder encoder(TokenSink sink) {
    return whole.encoder(checked(sink));
  }

  @Override
  public TokenEncoder encoder(TokenSink sink, boolean special) {
    return whole.encoder(checked(sink), special);
  }

  @Override
  public List<AddedToken> addedTokens() {
    return whole.addedTokens();
  }

  @Override
  public List<Integer> prefix() {
    return whole.prefix();
  }

  @Override
  public OptionalInt endToken() {
    OptionalInt end = whole.endToken();
    return end.isPresent() && end.getAsInt() >= rows ? OptionalInt.empty() : end;
  }

  @Override
  public byte[] tokenBytes(int id) {
    return whole.tokenBytes(id);
  }

  @Override
  public byte[] decodeBytes(int[] ids, int from, int to) {
    return whole.decodeBytes(ids, from, to);
  }

  @Override
  public String decode(int[] ids, int from, int to) {
    return whole.decode(ids, from, to);
  }

  @Override
  public StreamingDecoder decoder() {
    return whole.decoder();
  }

  @Override
  public StreamingDecoder decoderAfter(int[] ids) {
    return whole.decoderAfter(ids);
  }

  /** That of the whole tokenizer, which the files say. */
  @Override
  public String fingerprint() {
    return whole.fingerprint();
  }

  @Override
  public void save(Path folder) throws IOException {
    whole.save(folder);
  }
}
