package dev.lanewise.trainer.run;

import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.text.conversation.DocumentSummary;
import java.nio.file.Path;

/**
 * Is told what a run does, on the thread that runs it. A step is numbered from 0; where a message
 * speaks of completed steps, they are a count. What takes long is reported as {@link Progress}, but
 * for the steps themselves. A method that is not overridden does nothing.
 */
public interface TrainingListener extends Progress {

  @Override
  default void at(Phase phase, long done, long total) {}

  /** What the documents of a run on JSON Lines came to. */
  default void onDocuments(DocumentSummary summary) {}

  /** Everything is loaded, and training begins. */
  default void onReady(RunFacts facts) {}

  /**
   * A run by minutes begins to lower its learning rate, so that it ends in time.
   *
   * @param facts with the step that is next, and the end, which is known from now on
   */
  default void onEndDecided(RunFacts facts) {}

  /** A step has been taken. */
  default void onStep(StepMetrics metrics) {}

  /** A step went wrong and has been skipped, see {@link NonFinitePolicy#SKIP}. */
  default void onSkippedStep(long step, String reason) {}

  /**
   * The validation loss after that many completed steps, in nats per token.
   *
   * @param best whether it is the lowest so far
   */
  default void onEvaluation(long completedSteps, double loss, boolean best) {}

  /**
   * The loss on all of the validation text at the end of a run whose evaluations read a part of it.
   * Which evaluation is the best was decided by that part.
   */
  default void onExactEvaluation(long completedSteps, double loss) {
    // For people; what a run keeps is the losses that can be compared.
  }

  /** A sample of the model's writing: the prompt and what follows. */
  default void onSample(long completedSteps, String text) {}

  /** A checkpoint is safe on disk. */
  default void onCheckpoint(long completedSteps, Path folder) {}

  /** Something is wrong that does not stop the run. */
  default void onWarning(String message) {}
}
