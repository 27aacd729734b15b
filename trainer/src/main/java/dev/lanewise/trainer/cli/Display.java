package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.RunFacts;
import dev.lanewise.trainer.run.metrics.StepMetrics;

/**
 * Shows what a command does: how far it has come, what it is worth telling on the way, and what
 * came out. Messages may come from a thread of signals too.
 */
abstract sealed class Display implements Progress, AutoCloseable permits TextDisplay, JsonDisplay {

  /** Something happened on the way. */
  abstract void tell(Message message);

  /** Something that the user should know of what comes out. */
  abstract void note(String message);

  abstract void warning(String message);

  /** The steps of a run begin; phases that come now are parts of it. */
  abstract void begin(RunFacts facts);

  abstract void step(StepMetrics metrics);

  @Override
  public abstract void at(Phase phase, long done, long total);

  /** A piece of a text that is the result. */
  abstract void piece(String text);

  /** What the command came to. */
  abstract void result(Message message);

  /** Why the command came to nothing; may be said when this is closed. */
  abstract void error(String command, String message, int exitCode);

  @Override
  public abstract void close();
}
