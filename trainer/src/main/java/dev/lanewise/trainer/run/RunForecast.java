package dev.lanewise.trainer.run;

/**
 * What a run will take, of a few of its steps and one evaluation.
 *
 * @param facts what is known of it before
 * @param tokens that go through the model in all steps
 * @param evaluations how many there are
 * @param secondsOfStep what a step takes in the mean
 * @param secondsOfEvaluation what an evaluation takes, with its sample
 * @param secondsOnce what comes once: code that is compiled in the first step, and the loss on the
 *     whole validation text at the end, where evaluations read a part of it
 */
public record RunForecast(
    RunFacts facts,
    long tokens,
    long evaluations,
    double secondsOfStep,
    double secondsOfEvaluation,
    double secondsOnce) {

  /** Returns what the whole run takes, but for preparing the data. */
  public double seconds() {
    return facts.steps() * secondsOfStep + evaluations * secondsOfEvaluation + secondsOnce;
  }
}
