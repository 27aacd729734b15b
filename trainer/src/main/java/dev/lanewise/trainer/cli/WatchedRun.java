package dev.lanewise.trainer.cli;

import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.WeightStorage;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.run.MemoryChoice;
import dev.lanewise.trainer.run.RunFacts;
import dev.lanewise.trainer.run.RunMemory;
import dev.lanewise.trainer.run.TrainingListener;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.text.conversation.DocumentSummary;
import java.nio.file.Path;

/**
 * Passes what a run does on to its display, chooses its memory, and keeps one that does not fit
 * from beginning.
 *
 * @param machine what it runs on
 * @param ready what begins with training
 */
record WatchedRun(Display display, MemoryEstimate memory, String machine, Runnable ready)
    implements TrainingListener, MemoryChoice {

  WatchedRun(Display display, MemoryEstimate memory, String machine) {
    this(display, memory, machine, () -> {});
  }

  @Override
  public void at(Phase phase, long done, long total) {
    display.at(phase, done, total);
  }

  /** Before the text was read, its vocabulary could only be guessed. */
  @Override
  public RunMemory choose(Transformer transformer, WeightStorage storage, long validationTokens) {
    RunMemory chosen = memory.choose(transformer, storage, validationTokens);
    String told = memory.describe(transformer, storage, chosen, validationTokens);
    display.tell(new RunMessage.Memory(told));
    return chosen;
  }

  @Override
  public void onDocuments(DocumentSummary summary) {
    RunMessage.Documents.tellNotes(summary, display);
    display.tell(new RunMessage.Documents(summary));
  }

  @Override
  public void onReady(RunFacts facts) {
    display.tell(new RunMessage.Ready(facts, machine));
    ready.run();
    display.begin(facts);
  }

  @Override
  public void onEndDecided(RunFacts facts) {
    display.tell(new RunMessage.EndDecided(facts));
    display.begin(facts);
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
    display.tell(new RunMessage.Evaluated(completedSteps, loss, best));
  }

  @Override
  public void onExactEvaluation(long completedSteps, double loss) {
    display.tell(new RunMessage.EvaluatedAll(completedSteps, loss));
  }

  @Override
  public void onSample(long completedSteps, String text) {
    display.tell(new RunMessage.Sample(completedSteps, text));
  }

  @Override
  public void onCheckpoint(long completedSteps, Path folder) {
    display.tell(new RunMessage.Saved(completedSteps, folder));
  }

  @Override
  public void onWarning(String message) {
    display.warning(message);
  }
}
