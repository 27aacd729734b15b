package dev.lanewise.trainer.text;

import dev.lanewise.trainer.text.token.EvaluationTokens;
import dev.lanewise.trainer.text.token.StepSampler;
import dev.lanewise.trainer.text.token.TextSampler;
import dev.lanewise.trainer.text.token.TokenFile;
import dev.lanewise.trainer.text.token.ValidationWindows;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;

/**
 * A text as ids.
 *
 * @param tokenizer the one that made the ids
 * @param training what is learned from
 * @param validation what is kept to measure on, see {@link ValidationSplit}
 * @param textBytes length of the clean text in UTF-8
 * @param textFingerprint SHA-256 of the clean text, in hex
 */
public record TextCorpus(
    Tokenizer tokenizer,
    TokenFile training,
    TokenFile validation,
    long textBytes,
    String textFingerprint)
    implements Corpus {

  @Override
  public long trainingTokens() {
    return training.size();
  }

  @Override
  public long validationTokens() {
    return validation.size();
  }

  @Override
  public StepSampler sampler(int batch, int context, int microBatches, long seed) {
    return new TextSampler(training, batch, context, microBatches, seed);
  }

  @Override
  public EvaluationTokens validationWindows(int context) {
    return new ValidationWindows(validation, context);
  }

  @Override
  public void close() {
    training.close();
    validation.close();
  }
}
