package dev.lanewise.trainer.text.tokenizer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * A fixed, immutable mapping between text and token ids 0..V-1. Safe for use by many threads.
 *
 * <p>Java strings may hold lone surrogates, which no UTF-8 text can: each is read as U+FFFD before
 * encoding. With that rule {@code decode(encode(s))} gives {@code s} again for every string, unless
 * the tokenizer's file normalizes text.
 */
public interface Tokenizer {

  /** The most ids that a tokenizer can have; Gemma's have a few more than 2^18. */
  int MAX_VOCABULARY = 1 << 19;

  /** V, the number of ids; all ids are in 0..V-1. */
  int vocabularySize();

  /**
   * The ids of the whole text. The text is ordinary text: names of special tokens in it are not
   * special; see {@link #encodeWithSpecial}.
   */
  int[] encode(String text);

  /**
   * A one-pass encoder of UTF-8 bytes that arrive in chunks; the ids go to {@code sink} in order
   * and are the same as those of {@link #encode}, wherever the chunk borders fall. Memory is
   * bounded. One thread only.
   */
  TokenEncoder encoder(TokenSink sink);

  /**
   * As {@link #encoder(TokenSink)}.
   *
   * @param special whether the names of special tokens in the text stand for the tokens
   */
  default TokenEncoder encoder(TokenSink sink, boolean special) {
    return encoder(sink);
  }

  /** As {@link #encode(String)}, but the names of special tokens stand for the tokens. */
  default int[] encodeWithSpecial(String text) {
    return encode(text);
  }

  /** The tokens that stand for their names, special ones among them. */
  default List<AddedToken> addedTokens() {
    return List.of();
  }

  /**
   * The ids that come before those of a document or a prompt, such as a token that begins a text;
   * {@link #encode} does not give them. A conversation has its own from its template.
   */
  default List<Integer> prefix() {
    return List.of();
  }

  /** The token that ends a document, if there is one. */
  default OptionalInt endToken() {
    return OptionalInt.empty();
  }

  /**
   * The UTF-8 bytes of one token; a byte pair token may hold a part of a character. The array is
   * the caller's.
   */
  byte[] tokenBytes(int id);

  /**
   * The bytes of ids[from..to).
   *
   * @throws IllegalArgumentException when an id is outside 0..V-1
   */
  byte[] decodeBytes(int[] ids, int from, int to);

  /**
   * The text of ids[from..to); bytes that are not UTF-8 become U+FFFD, as {@link Utf8#text} says.
   * Same errors as {@link #decodeBytes}.
   */
  default String decode(int[] ids, int from, int to) {
    byte[] bytes = decodeBytes(ids, from, to);
    return Utf8.text(bytes, 0, bytes.length);
  }

  /** The text of all of {@code ids}. */
  default String decode(int[] ids) {
    return decode(ids, 0, ids.length);
  }

  /** A decoder for ids that arrive one by one, as in generation. */
  default StreamingDecoder decoder() {
    return new ByteStreamingDecoder(this);
  }

  /**
   * A decoder for ids that continue others: a space that belongs between the two is kept, where
   * {@link #decoder} would take it for the one that encoding puts before a text.
   */
  default StreamingDecoder decoderAfter(int[] ids) {
    return decoder();
  }

  /** SHA-256, in hex, over everything that decides how this tokenizer encodes and decodes. */
  String fingerprint();

  /**
   * Writes the tokenizer's files in Hugging Face form into {@code folder}, which is created if need
   * be. Files of the same names are replaced. Each is forced to the disk and renamed into place.
   */
  void save(Path folder) throws IOException;
}
