package dev.lanewise.trainer.run.metrics;

import dev.lanewise.model.io.Counted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What a log of steps lacks: lines that are damaged, and steps between two lines of others. */
final class LostLines {

  private final List<Long> damaged = new ArrayList<>();
  private long damagedBefore;
  private long next;
  private long missing;
  private long firstMissing;

  /** A line that was passed over, by its number. */
  void damaged(long line) {
    damaged.add(line);
    damagedBefore++;
  }

  /**
   * A line that was read.
   *
   * @param completedSteps after it
   */
  void read(MetricsLine line, long completedSteps) {
    // A damaged line in between may be that of a step, and is told of already.
    long gap = line.step() - next - damagedBefore;
    if (gap > 0) {
      firstMissing = missing == 0 ? next : firstMissing;
      missing += gap;
    }
    next = Math.max(next, Math.max(line.step(), completedSteps));
    damagedBefore = 0;
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
          "%s: the lines of %s are missing, the first is step %d; what is shown is without them"
              .formatted(file, Counted.of(missing, "step"), firstMissing));
    }
  }
}
