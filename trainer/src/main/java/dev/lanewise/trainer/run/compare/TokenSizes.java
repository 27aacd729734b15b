package dev.lanewise.trainer.run.compare;

import dev.lanewise.model.io.FileProblem;
import dev.lanewise.trainer.text.CorpusLabel;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Bytes per token of validation texts, each of which is read once. */
final class TokenSizes {

  private final Map<String, Double> known = new HashMap<>();
  private final Consumer<String> warnings;

  TokenSizes(Consumer<String> warnings) {
    this.warnings = warnings;
  }

  /** The mean over some runs; NaN if it is not known for one of them. */
  double bytesPerToken(List<ComparedRun> runs) {
    return runs.stream().mapToDouble(this::bytesPerToken).average().orElse(Double.NaN);
  }

  private double bytesPerToken(ComparedRun run) {
    return run.corpus()
        .map(label -> known.computeIfAbsent(label.validation(), validation -> count(run)))
        .orElse(Double.NaN);
  }

  private double count(ComparedRun run) {
    try {
      double bytes = CorpusLabel.bytesPerValidationToken(run.folder().data());
      return bytes > 0 ? bytes : Double.NaN;
    } catch (IOException e) {
      warnings.accept("bits per byte are not known: " + FileProblem.explain(e));
      return Double.NaN;
    }
  }
}
