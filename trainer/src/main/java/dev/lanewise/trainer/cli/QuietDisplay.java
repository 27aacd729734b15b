package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.run.RunFacts;
import dev.lanewise.trainer.run.metrics.StepMetrics;

/** Only what came out, and what is wrong. */
final class QuietDisplay extends TextDisplay {

  QuietDisplay(Streams streams) {
    super(streams);
  }

  @Override
  void tell(Message message) {
    // Nobody looks on.
  }

  @Override
  void begin(RunFacts facts) {
    // Nobody looks on.
  }

  @Override
  void step(StepMetrics metrics) {
    // Nobody looks on.
  }

  @Override
  public void at(Phase phase, long done, long total) {
    // Nobody looks on.
  }

  @Override
  void beforeLine() {
    // Lines follow one another.
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
