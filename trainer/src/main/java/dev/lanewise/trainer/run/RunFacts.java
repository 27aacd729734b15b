package dev.lanewise.trainer.run;

import dev.lanewise.model.TransformerConfig;

/**
 * What is known about a run when it is ready to train.
 *
 * @param model the shape, with the vocabulary that the tokenizer turned out to have
 * @param context positions of a sequence in training; the model may see more
 * @param parameters number of parameters
 * @param trained how many of them are trained
 * @param textBytes length of the clean text in UTF-8
 * @param trainingTokens ids to train on
 * @param validationTokens ids to validate on
 * @param shards parts that each batch is cut into
 * @param sharesShards whether several threads go through the model together with one part
 * @param peakGigaflops what the threads can do at most, see {@link
 *     dev.lanewise.trainer.run.metrics.PeakFlops}
 * @param firstStep the step that is next: 0 for a new run, more for a resumed one
 * @param steps the step at which the run ends; {@link
 *     dev.lanewise.trainer.progress.Progress#UNKNOWN} if its time has yet to decide
 */
public record RunFacts(
    TransformerConfig model,
    int context,
    long parameters,
    long trained,
    long textBytes,
    long trainingTokens,
    long validationTokens,
    int shards,
    boolean sharesShards,
    double peakGigaflops,
    long firstStep,
    long steps) {

  /** Returns what is known when a run has come so far and its end has been decided. */
  RunFacts ending(long completed, long end) {
    return new RunFacts(
        model,
        context,
        parameters,
        trained,
        textBytes,
        trainingTokens,
        validationTokens,
        shards,
        sharesShards,
        peakGigaflops,
        completed,
        end);
  }
}
