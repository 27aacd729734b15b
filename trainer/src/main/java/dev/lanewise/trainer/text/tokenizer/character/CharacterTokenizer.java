package dev.lanewise.trainer.text.tokenizer.character;

import dev.lanewise.trainer.text.tokenizer.Fingerprint;
import dev.lanewise.trainer.text.tokenizer.TokenBytes;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * One id per character (Unicode code point). A character that has no id is an {@link
 * UnknownCharacterException}.
 */
public final class CharacterTokenizer implements Tokenizer {

  private static final int UNKNOWN = -1;

  /** Code point of each id. */
  private final int[] codePoints;

  /** Id of each code point up to the highest one. */
  private final int[] ids;

  private final TokenBytes tokens;
  private final String fingerprint;

  /**
   * @param codePoints of ids 0..V-1
   * @throws IllegalArgumentException when there is none, or one is no character or is there twice
   */
  CharacterTokenizer(int[] codePoints) {
    if (codePoints.length == 0 || codePoints.length > Tokenizer.MAX_VOCABULARY) {
      throw new IllegalArgumentException(
          "a character tokenizer has 1 to %d characters, not %d"
              .formatted(Tokenizer.MAX_VOCABULARY, codePoints.length));
    }
    this.codePoints = codePoints.clone();
    this.ids = new int[Arrays.stream(codePoints).max().orElseThrow() + 1];
    Arrays.fill(ids, UNKNOWN);
    TokenBytes.Builder bytes = new TokenBytes.Builder(codePoints.length);
    Fingerprint sum = new Fingerprint("characters");
    for (int id = 0; id < codePoints.length; id++) {
      int codePoint = codePoints[id];
      if (!Character.isValidCodePoint(codePoint) || isSurrogate(codePoint)) {
        throw new IllegalArgumentException("id %d: %X is not a character".formatted(id, codePoint));
      }
      if (ids[codePoint] != UNKNOWN) {
        throw new IllegalArgumentException(
            "ids %d and %d are the same character, U+%04X"
                .formatted(ids[codePoint], id, codePoint));
      }
      ids[codePoint] = id;
      bytes.add(Utf8.bytes(Character.toString(codePoint)));
      sum.add(codePoint);
    }
    this.tokens = bytes.build();
    this.fingerprint = sum.hex();
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  @Override
  public int vocabularySize() {
    return codePoints.length;
  }

  @Override
  public int[] encode(String text) {
    int[] encoded = new int[text.length()];
    int count = 0;
    for (int at = 0; at < text.length(); count++) {
      int codePoint = text.codePointAt(at);
      at += Character.charCount(codePoint);
      encoded[count] = idOf(isSurrogate(codePoint) ? Utf8.REPLACEMENT : codePoint, count);
    }
    return Arrays.copyOf(encoded, count);
  }

  @Override
  public TokenEncoder encoder(TokenSink sink) {
    return new CharacterEncoder(this, sink);
  }

  /** The id of a character at a position that an error names. */
  int idOf(int codePoint, long position) {
    int id = codePoint < ids.length ? ids[codePoint] : UNKNOWN;
    if (id == UNKNOWN) {
      throw new UnknownCharacterException(codePoint, position, codePoints.length);
    }
    return id;
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
    CharacterFiles.write(this, folder);
  }

  int codePoint(int id) {
    return codePoints[id];
  }
}
