package dev.lanewise.trainer.run.metrics;

import dev.lanewise.model.io.Counted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a log of steps lacks: lines that are damaged, and steps of which it has no line that can be
 * read. Of what a damaged line was nobody knows, so that neither is told from the other.
 */
final class LostLines {

  private final List<Long> damaged = new ArrayList<>();
  private long next;
  private long missing;
  private long firstMissing;

  /** A line that was passed over, by its number. */
  void damaged(long line) {
    damaged.add(line);
  }

  /**
   * A line that was read.
   *
   * @param completedSteps after it
   */
  void read(MetricsLine line, long completedSteps) {
    boolean saysSo = line instanceof MetricsLine.Missing;
    lack(saysSo ? completedSteps : line.step());
    next = Math.max(next, completedSteps);
  }

  /** There is no line of the steps from the next one to before this. */
  private void lack(long step) {
    if (step > next) {
      firstMissing = missing == 0 ? next : firstMissing;
      missing += step - next;
      next = step;
    }
  }

  void tell(Path file, Consumer<String> warnings) {
    if (!damaged.isEmpty()) {
      warnings.accept(
          "%s: %s damaged and passed over, the first is line %d"
              .formatted(
                  file, Counted.of(damaged.size(), "line is", "lines are"), damaged.getFirst()));
    }
    if (missing > 0) {
      warnings.accept(
          "%s: %s no line that can be read, the first is step %d; what is shown is without %s"
              .formatted(
                  file,
                  Counted.of(missing, "step has", "steps have"),
                  firstMissing,
                  missing == 1 ? "it" : "them"));
    }
  }
}
