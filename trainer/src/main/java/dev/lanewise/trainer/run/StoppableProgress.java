package dev.lanewise.trainer.run;

import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import java.util.function.BooleanSupplier;

/** Gives up what is told of in the middle, because a large text takes long. */
record StoppableProgress(Progress progress, BooleanSupplier stop) implements Progress {

  /** The run was asked to stop before it had anything to train on. */
  static final class StoppedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StoppedException() {
      super("stopped while the text was prepared");
    }
  }

  @Override
  public void at(Phase phase, long done, long total) {
    progress.at(phase, done, total);
    if (stop.getAsBoolean()) {
      throw new StoppedException();
    }
  }
}
