package dev.lanewise.trainer.run;

import dev.lanewise.trainer.run.checkpoint.BackgroundCheckpointWriter;
import dev.lanewise.trainer.run.checkpoint.Checkpoint;
import dev.lanewise.trainer.run.checkpoint.CheckpointStore;
import dev.lanewise.trainer.run.checkpoint.Snapshot;
import dev.lanewise.trainer.run.checkpoint.TrainingState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.Objects;

/**
 * The checkpoints of a run in training: the one that is being written, what became of those before
 * it, and the best evaluation, which has to be one whose checkpoint can be written.
 */
final class RunCheckpoints {

  private final CheckpointStore store;
  private final BackgroundCheckpointWriter writer;
  private final CheckpointFailurePolicy onFailure;
  private final TrainingListener listener;
  private TrainingState.Best best;
  private TrainingState.Best safeBest;
  private TrainingState.Best handedOverBest;
  private long handedOver = -1;
  private boolean writing;
  private IOException lastFailure;

  RunCheckpoints(
      CheckpointStore store,
      BackgroundCheckpointWriter writer,
      CheckpointFailurePolicy onFailure,
      TrainingListener listener) {
    this.store = store;
    this.writer = writer;
    this.onFailure = onFailure;
    this.listener = listener;
  }

  void continueFrom(Checkpoint start) {
    store.continueFrom(start);
    handedOver = start.state().step();
    best = start.state().best();
    handedOverBest = best;
    safeBest = best;
  }

  /** The best evaluation so far; null if there was none. */
  TrainingState.Best best() {
    return best;
  }

  void setBest(TrainingState.Best evaluation) {
    best = evaluation;
  }

  /** The step of the last state that was handed over to be written; -1 if none was. */
  long lastStep() {
    return handedOver;
  }

  /** Whether the state after so many steps, with the best evaluation of now, was handed over. */
  boolean hasTried(long step) {
    return handedOver == step && Objects.equals(handedOverBest, best);
  }

  /** Begins to write a state. One checkpoint is written at a time: {@link #await} comes first. */
  void write(Snapshot snapshot) {
    writer.save(snapshot);
    handedOver = snapshot.state().step();
    handedOverBest = snapshot.state().best();
    writing = true;
  }

  /** Tells of a checkpoint that has been written meanwhile, or of its failure. */
  void announce() throws IOException {
    if (!writer.isBusy()) {
      await();
    }
  }

  /**
   * Waits until nothing is being written.
   *
   * @throws IOException if the last write failed and that is to end the run
   */
  void await() throws IOException {
    finish();
    if (onFailure == CheckpointFailurePolicy.STOP) {
      requireSuccess();
    }
  }

  /** Throws the failure of the last write, if it failed. */
  void requireSuccess() throws IOException {
    if (lastFailure != null) {
      throw lastFailure;
    }
  }

  /** Waits until nothing is being written, and does not throw a failure. */
  void finish() {
    if (!writing) {
      return;
    }
    writing = false;
    try {
      writer.flush();
      lastFailure = null;
      safeBest = handedOverBest;
      listener.onCheckpoint(handedOver, store.catalog().list().get(handedOver));
    } catch (IOException e) {
      listener.onWarning(e.getMessage());
      lastFailure = e;
      forgetUnsavedBest();
    }
  }

  /** A state that names a best checkpoint which is not there would let the one before it go. */
  private void forgetUnsavedBest() {
    if (Objects.equals(best, handedOverBest)) {
      best = safeBest;
      handedOverBest = safeBest;
    }
  }

  /** The folder of the best evaluation's checkpoint, or else of the newest; null if none. */
  Path bestFolder() throws IOException {
    NavigableMap<Long, Path> all = store.catalog().list();
    if (best != null && all.containsKey(best.step())) {
      return all.get(best.step());
    }
    return all.isEmpty() ? null : all.lastEntry().getValue();
  }
}
