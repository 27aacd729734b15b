package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.family.AdapterFolder;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.progress.LateLogger;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Writes checkpoints while training goes on: {@link #save} returns as soon as the state has been
 * copied. Where memory is short there is no copy, and {@link #save} returns when all is written. At
 * most one is being written, so a save before the last one is done waits for it, because a second
 * copy would take the memory of weights and optimizer state once more; {@link #isBusy} tells.
 *
 * <p>For one thread. Takes memory for one copy of what a checkpoint holds, if any, at once and for
 * good.
 */
public final class BackgroundCheckpointWriter implements AutoCloseable {

  private static final LateLogger LOG = new LateLogger(BackgroundCheckpointWriter.class);

  private final CheckpointStore store;
  private final ParameterStore weights;

  /** Whether a checkpoint has what is added to weights, and not these. */
  private final boolean adapted;

  private final List<OptimizerState> optimizer;
  private final AtomicReference<CheckpointWriteException> failure = new AtomicReference<>();
  private Thread writing;

  /**
   * Makes a writer that copies.
   *
   * @param layout of the weights that will be saved
   * @param states what the optimizer remembers: what each save will bring
   */
  public BackgroundCheckpointWriter(
      CheckpointStore store, ParameterLayout layout, List<OptimizerState> states) {
    this.store = store;
    this.adapted = layout.parameters().stream().anyMatch(Adaptation::isPart);
    this.weights = adapted ? AdapterFolder.newStore(layout) : new ParameterStore(layout);
    this.optimizer = states.stream().map(state -> state.with(state.values().emptyCopy())).toList();
  }

  /** Makes a writer without a copy: who saves waits. */
  public BackgroundCheckpointWriter(CheckpointStore store) {
    this.store = store;
    this.adapted = false;
    this.weights = null;
    this.optimizer = List.of();
  }

  /** Whether a checkpoint is being written, so that {@link #save} would wait. */
  public boolean isBusy() {
    return writing != null && writing.isAlive();
  }

  /**
   * Copies the state and begins to write it. A failure of an earlier write does not show here, but
   * in {@link #flush}.
   *
   * @throws IllegalArgumentException if the snapshot is of another layout
   */
  public void save(Snapshot snapshot) {
    await();
    if (weights == null) {
      write(snapshot);
      return;
    }
    copyWeights(snapshot.weights());
    if (snapshot.optimizer().size() != optimizer.size()) {
      throw new IllegalArgumentException("the snapshot is of another optimizer than the writer");
    }
    for (int i = 0; i < optimizer.size(); i++) {
      copy(snapshot.optimizer().get(i).values(), optimizer.get(i).values());
    }
    Snapshot copy =
        new Snapshot(
            snapshot.state(),
            snapshot.model(),
            snapshot.tokenizer(),
            snapshot.adapter(),
            weights,
            optimizer);
    // Not a daemon: what has been begun is completed even if the main thread dies.
    writing =
        Thread.ofPlatform().name("lanewise-checkpoint").daemon(false).start(() -> write(copy));
  }

  private void copyWeights(ParameterStore from) {
    if (!adapted) {
      copy(from, weights);
      return;
    }
    for (Parameter parameter : weights.parameters()) {
      int at = from.offset(parameter);
      System.arraycopy(
          from.data(), at, weights.data(), weights.offset(parameter), parameter.size());
    }
  }

  private static void copy(ParameterStore from, ParameterStore to) {
    if (from.data().length != to.data().length) {
      throw new IllegalArgumentException("the snapshot is of another layout than the writer");
    }
    System.arraycopy(from.data(), 0, to.data(), 0, to.data().length);
  }

  private void write(Snapshot copy) {
    long step = copy.state().step();
    try {
      store.save(copy);
    } catch (CheckpointWriteException e) {
      report(e);
    } catch (Error e) {
      report(
          new CheckpointWriteException(
              step, "the checkpoint of step %d could not be written: %s".formatted(step, e), e));
      throw e;
    }
  }

  private void report(CheckpointWriteException problem) {
    LOG.debug("reported to the run", problem);
    failure.compareAndSet(null, problem);
  }

  private void await() {
    boolean interrupted = false;
    while (writing != null) {
      try {
        writing.join();
        writing = null;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits until nothing is being written.
   *
   * @throws CheckpointWriteException the first failure since the last call, which is then forgotten
   */
  public void flush() throws CheckpointWriteException {
    await();
    CheckpointWriteException problem = failure.getAndSet(null);
    if (problem != null) {
      throw problem;
    }
  }

  /** As {@link #flush}. */
  @Override
  public void close() throws CheckpointWriteException {
    flush();
  }
}
