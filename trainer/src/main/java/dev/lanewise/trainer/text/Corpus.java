package dev.lanewise.trainer.text;

import dev.lanewise.trainer.text.token.CorpusTooShortException;
import dev.lanewise.trainer.text.token.EvaluationTokens;
import dev.lanewise.trainer.text.token.StepSampler;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;

/** Data as ids, ready for training. */
public sealed interface Corpus extends AutoCloseable permits TextCorpus, DocumentCorpus {

  /** Returns the tokenizer that made the ids. */
  Tokenizer tokenizer();

  /** Returns the length of what they were made of. */
  long textBytes();

  /** Returns SHA-256, in hex, of what they were made of. */
  String textFingerprint();

  /** Returns how many ids there are to train on. */
  long trainingTokens();

  /** Returns how many ids there are to validate on. */
  long validationTokens();

  /**
   * Makes what draws steps.
   *
   * @param batch windows of a micro-batch
   * @param context rows of a window
   * @param microBatches of a step
   * @throws CorpusTooShortException when there is not even one window
   */
  StepSampler sampler(int batch, int context, int microBatches, long seed);

  /**
   * Returns the windows to validate on.
   *
   * @param context rows of a window
   * @throws CorpusTooShortException when there is nothing to predict
   */
  EvaluationTokens validationWindows(int context);

  /** Closes all files. */
  @Override
  void close();
}
