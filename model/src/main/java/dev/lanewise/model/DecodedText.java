package dev.lanewise.model;

import dev.lanewise.model.memory.Decoding;

/**
 * A text that goes through a model some tokens at a time, with its keys and values so far. Made by
 * {@link Decoder#newText}, and only for that decoder.
 */
public final class DecodedText {

  private final Decoding memory;

  DecodedText(Decoding memory) {
    this.memory = memory;
  }

  /** Returns how many tokens have gone through the model. */
  public int length() {
    return memory.length();
  }

  /**
   * Forgets the tokens from a position on; what is known of those before it stays.
   *
   * @param length tokens that stay
   * @throws IndexOutOfBoundsException if there are fewer
   */
  public void rewind(int length) {
    if (length < 0 || length > length()) {
      throw new IndexOutOfBoundsException("back to %d of %d tokens".formatted(length, length()));
    }
    memory.setLength(length);
  }

  /** Becomes a copy of another text of the same decoder, as if it had read the same tokens. */
  public void copy(DecodedText from) {
    memory.copy(from.memory);
  }

  Decoding memory() {
    return memory;
  }
}
