package dev.lanewise.trainer.text.tokenizer;

import java.io.IOException;

/** Receives token ids in order. */
@FunctionalInterface
public interface TokenSink {

  /** The next {@code count} ids are ids[0..count); the array is reused after the call. */
  void accept(int[] ids, int count) throws IOException;
}
