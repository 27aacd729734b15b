package dev.lanewise.trainer.run.compare;

import dev.lanewise.trainer.run.page.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What differs in groups of runs, and what came of it, in words.
 *
 * @param heads of the columns
 * @param rows a cell for each column; the first names the group
 */
public record ComparisonTable(List<String> heads, List<List<String>> rows) {

  /** Makes the table: a row for each group. */
  public static ComparisonTable of(Comparison comparison) {
    List<RunGroup> groups = comparison.groups();
    Map<String, List<String>> differences = comparison.differences();
    boolean bits = groups.stream().anyMatch(group -> Double.isFinite(group.bytesPerToken()));
    List<String> heads = new ArrayList<>(List.of("run"));
    heads.addAll(differences.keySet());
    heads.addAll(List.of("seeds", "n", "steps", "last validation loss", "best validation loss"));
    if (bits) {
      heads.add("bits per byte");
    }
    heads.add("time in steps");
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      int row = i;
      RunGroup group = groups.get(i);
      List<String> cells = new ArrayList<>(List.of(group.name()));
      differences.values().forEach(values -> cells.add(Cell.shortened(values.get(row))));
      cells.add(seeds(group));
      cells.add(String.valueOf(group.finalLoss().n()));
      cells.add(steps(group));
      cells.add(shown(group.finalLoss()));
      cells.add(shown(group.bestLoss()));
      if (bits) {
        cells.add(shown(group.finalBitsPerByte()));
      }
      cells.add(Figures.duration(1e3 * group.seconds().mean()));
      rows.add(cells);
    }
    return new ComparisonTable(heads, rows);
  }

  /** A row for each run of a comparison. */
  static ComparisonTable ofRuns(Comparison comparison) {
    List<List<String>> rows = new ArrayList<>();
    for (RunGroup group : comparison.groups()) {
      for (ComparedRun run : group.runs()) {
        rows.add(
            List.of(
                run.folder().path().toString(),
                String.valueOf(run.seed()),
                steps(run),
                number(run.finalLoss()),
                number(run.bestLoss()),
                Figures.duration(run.history().totalMilliseconds())));
      }
    }
    return new ComparisonTable(
        List.of(
            "folder",
            "seed",
            "steps",
            "last validation loss",
            "best validation loss",
            "time in steps"),
        rows);
  }

  private static String seeds(RunGroup group) {
    return group.seeds().stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private static String steps(RunGroup group) {
    if (group.runs().size() == 1) {
      return steps(group.runs().getFirst());
    }
    String all = Figures.whole(group.settings().step().steps());
    return group.finished() == group.runs().size()
        ? all
        : "%s (%d of %d runs)".formatted(all, group.finished(), group.runs().size());
  }

  private static String steps(ComparedRun run) {
    if (run.settings().step().isOpen()) {
      return Figures.whole(run.history().completedSteps()) + " so far";
    }
    String all = Figures.whole(run.settings().step().steps());
    return run.isFinished()
        ? all
        : "%s of %s".formatted(Figures.whole(run.history().completedSteps()), all);
  }

  /** Returns a mean, and its spread if there is one. */
  public static String shown(Statistic statistic) {
    return statistic.n() < 2
        ? number(statistic.mean())
        : number(statistic.mean()) + " ± " + number(statistic.deviation());
  }

  private static String number(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4f", value) : Cell.NONE;
  }
}
