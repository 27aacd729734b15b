package dev.lanewise.trainer.text;

import dev.lanewise.trainer.text.conversation.DocumentSummary;
import dev.lanewise.trainer.text.token.DocumentFile;
import dev.lanewise.trainer.text.token.DocumentSampler;
import dev.lanewise.trainer.text.token.EvaluationTokens;
import dev.lanewise.trainer.text.token.StepSampler;
import dev.lanewise.trainer.text.token.ValidationDocuments;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;

/**
 * Documents as ids, with what of them counts.
 *
 * @param tokenizer the one that made the ids
 * @param training what is trained on
 * @param validation whole documents that are not
 * @param textBytes length of the files
 * @param textFingerprint SHA-256 of the files, in hex
 * @param summary what all documents came to
 */
public record DocumentCorpus(
    Tokenizer tokenizer,
    DocumentFile training,
    DocumentFile validation,
    long textBytes,
    String textFingerprint,
    DocumentSummary summary)
    implements Corpus {

  @Override
  public long trainingTokens() {
    return training.tokens().size();
  }

  @Override
  public long validationTokens() {
    return validation.tokens().size();
  }

  @Override
  public StepSampler sampler(int batch, int context, int microBatches, long seed) {
    return new DocumentSampler(training, batch, context, microBatches, seed);
  }

  @Override
  public EvaluationTokens validationWindows(int context) {
    return new ValidationDocuments(validation, context);
  }

  @Override
  public void close() {
    training.close();
    validation.close();
  }
}
