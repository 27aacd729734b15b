package dev.lanewise.trainer.cli;

import dev.lanewise.model.Transformer;
import dev.lanewise.trainer.run.MemoryChoice;
import dev.lanewise.trainer.run.RunFacts;
import dev.lanewise.trainer.run.RunMemory;
import dev.lanewise.trainer.run.TrainingListener;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Passes what a run does on to its display, chooses its memory, and keeps one that does not fit
 * from beginning.
 *
 * @param machine what it runs on
 * @param ready what begins with training
 */
record WatchedRun(RunDisplay display, MemoryEstimate memory, String machine, Runnable ready)
    implements TrainingListener, MemoryChoice {

  WatchedRun(RunDisplay display, MemoryEstimate memory, String machine) {
    this(display, memory, machine, () -> {});
  }

  @Override
  public void onTokenizer(int done, int total) {
    display.tokenizer(done, total);
  }

  /** Before the text was read, its vocabulary could only be guessed. */
  @Override
  public RunMemory choose(Transformer transformer, long validationTokens) {
    RunMemory chosen = memory.choose(transformer, validationTokens);
    display.line("  memory   " + memory.describe(transformer, chosen, validationTokens));
    return chosen;
  }

  @Override
  public void onReady(RunFacts facts) {
    display.line(
        "  text     %s; %s tokens to train on, %s to validate"
            .formatted(
                Amounts.bytes(facts.textBytes()),
                Amounts.count(facts.trainingTokens()),
                Amounts.count(facts.validationTokens())));
    display.line(
        "  model    %s parameters: %d layers, %d heads, width %d, context %s, vocabulary %d"
            .formatted(
                Amounts.count(facts.parameters()),
                facts.model().layers(),
                facts.model().block().attention().heads().queries(),
                facts.model().width(),
                context(facts),
                facts.model().vocabularySize()));
    display.line(
        String.format(
            Locale.ROOT,
            "  machine  %s, peak %.0f GFLOP/s, %s",
            machine,
            facts.peakGigaflops(),
            division(facts)));
    display.line(
        "  steps    %s%d to %d; Ctrl-C saves and stops"
            .formatted(facts.firstStep() > 0 ? "resumed, " : "", facts.firstStep(), facts.steps()));
    ready.run();
    display.begin(facts);
  }

  private static String context(RunFacts facts) {
    int sees = facts.model().contextLength();
    return facts.context() + (facts.context() < sees ? " of " + sees : "");
  }

  private static String division(RunFacts facts) {
    String shards = facts.shards() == 1 ? "one shard" : facts.shards() + " shards";
    return "each batch in " + shards + (facts.sharesShards() ? ", which threads share" : "");
  }

  @Override
  public void onStep(StepMetrics metrics) {
    display.step(metrics);
  }

  @Override
  public void onSkippedStep(long step, String reason) {
    display.warning("step " + step + " was skipped: " + reason);
  }

  @Override
  public void onEvaluation(long completedSteps, double loss, boolean best) {
    display.evaluation(completedSteps, loss, best);
  }

  @Override
  public void onEvaluationProgress(double share, double secondsLeft) {
    display.line(Amounts.progress("evaluating", share, secondsLeft));
  }

  @Override
  public void onExactEvaluation(long completedSteps, double loss) {
    display.line(
        String.format(
            Locale.ROOT, "step %d: loss %.4f on all of the validation text", completedSteps, loss));
  }

  @Override
  public void onSample(long completedSteps, String text) {
    display.sample(completedSteps, text);
  }

  @Override
  public void onCheckpoint(long completedSteps, Path folder) {
    display.line("step " + completedSteps + ": saved to " + folder);
  }

  @Override
  public void onWarning(String message) {
    display.warning(message);
  }
}
