package dev.lanewise.trainer.text.tokenizer;

/**
 * Decodes ids that arrive one by one into text that can be shown at once; what may still change is
 * held back. All the pieces together equal {@link Tokenizer#decode(int[])} of all the ids. Not
 * thread-safe.
 */
public interface StreamingDecoder {

  /**
   * The text that {@code id} completes, possibly empty.
   *
   * @throws IllegalArgumentException when the id is outside the vocabulary
   */
  String accept(int id);

  /**
   * The rest at the end of the text: U+FFFD for an incomplete character, else what was held back.
   * Then a new text may start.
   */
  String finish();
}
