package dev.lanewise.trainer.run;

import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.run.checkpoint.Snapshot;
import dev.lanewise.trainer.run.checkpoint.TrainingState;
import dev.lanewise.trainer.step.NonFiniteException;
import dev.lanewise.trainer.step.NonFiniteSearch;
import java.io.IOException;

/**
 * What a run does about numbers that are not finite: it ends or goes on, but never saves weights
 * that may be of no use.
 */
final class NonFiniteGuard {

  private static final int MOST_SKIPS_IN_A_ROW = 10;

  private static final String BEGIN_ANEW =
      "begin a new run (another --out) with a lower learning rate (--lr), a longer warmup"
          + " (--warmup) or stronger clipping (--clip), which --resume does not change.";

  private final NonFinitePolicy policy;
  private final TrainingListener listener;
  private final RunRecorder recorder;
  private long skipped;
  private int skippedInARow;
  private boolean sound = true;

  NonFiniteGuard(NonFinitePolicy policy, TrainingListener listener, RunRecorder recorder) {
    this.policy = policy;
    this.listener = listener;
    this.recorder = recorder;
  }

  void continueFrom(TrainingState state) {
    skipped = state.skipped();
    skippedInARow = state.skippedInARow();
  }

  /** Steps that were left out. */
  long skipped() {
    return skipped;
  }

  /** Those of them since the last that was not. */
  int skippedInARow() {
    return skippedInARow;
  }

  /**
   * Whether the last loss that was computed is finite. If not, the weights may be of no use, and a
   * checkpoint of them must not take the place of a good one.
   */
  boolean isSound() {
    return sound;
  }

  void stepTaken() {
    skippedInARow = 0;
    sound = true;
  }

  void evaluated() {
    sound = true;
  }

  /** Leaves a step out, or ends the run. */
  void skip(long step, NonFiniteException problem) throws IOException {
    if (policy == NonFinitePolicy.STOP) {
      throw problem.withAdvice(
          "Resume with --on-non-finite=skip, which leaves such steps out, or " + BEGIN_ANEW);
    }
    if (++skippedInARow > MOST_SKIPS_IN_A_ROW) {
      throw problem.withAdvice(
          "It was not skipped, because %d steps in a row were. Skipping does not help here: %s"
              .formatted(MOST_SKIPS_IN_A_ROW, BEGIN_ANEW));
    }
    skipped++;
    sound = false;
    recorder.skipped(step, problem.getMessage());
    listener.onSkippedStep(step, problem.getMessage());
  }

  /**
   * An evaluation or a sample went wrong: there is no step to skip, but there may be a next.
   *
   * @param completed how many steps the model has taken
   * @param atEnd whether these are all
   */
  void passOver(String what, String tensor, long completed, boolean atEnd) {
    sound = false;
    NonFiniteException problem =
        new NonFiniteException(
            completed,
            tensor,
            "%s after %s: the first tensor that is not finite is %s."
                .formatted(what, Counted.of(completed, "step"), tensor));
    if (atEnd) {
      throw problem.withAdvice("The run has come to its end; " + BEGIN_ANEW);
    }
    if (policy == NonFinitePolicy.STOP) {
      throw problem.withAdvice(
          "Resume with --on-non-finite=skip, which goes on all the same, or " + BEGIN_ANEW);
    }
    listener.onWarning(problem.getMessage() + " The run goes on, but this state is not saved.");
  }

  /** An update can overflow although loss and gradient are finite, and nothing mends that. */
  static void requireFinite(Snapshot snapshot) {
    String bad = NonFiniteSearch.inWeights(snapshot.weights());
    if (bad == null) {
      bad = NonFiniteSearch.inState(snapshot.optimizer());
    }
    if (bad != null) {
      long completed = snapshot.state().step();
      throw new NonFiniteException(
              completed,
              bad,
              "checkpoint after %s: the first tensor that is not finite is %s, so it is not written and the one before it stays."
                  .formatted(Counted.of(completed, "step"), bad))
          .withAdvice("An update was too large, which no skipping mends; " + BEGIN_ANEW);
    }
  }
}
