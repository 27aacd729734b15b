package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.run.RunFolder;
import dev.lanewise.trainer.run.TrainingRun;
import java.util.Locale;

/** What a run came to, and what to do next. */
record RunSummary(TrainingRun.Outcome outcome, RunFolder folder) {

  String text() {
    String name = shellWord(folder.path().toString());
    if (!outcome.completed()) {
      return String.format(
          Locale.ROOT,
          "Stopped after %d of %d steps, all saved. To go on:%n  ./lanewise train --resume --out %s%n",
          outcome.completedSteps(),
          outcome.steps(),
          name);
    }
    String skipped =
        outcome.skippedSteps() == 0 ? "" : " (" + outcome.skippedSteps() + " of them skipped)";
    String best =
        outcome.best() == null
            ? ""
            : String.format(
                Locale.ROOT,
                " Best validation loss %.4f, after %d.",
                outcome.best().loss(),
                outcome.best().step());
    return String.format(
        Locale.ROOT,
        "Done: %d steps%s.%s%n  model    %s%n  curves   %s%nLet it write:%n"
            + "  ./lanewise generate --model %s --max-tokens 200%n",
        outcome.completedSteps(),
        skipped,
        best,
        outcome.bestCheckpoint(),
        folder.report(),
        name);
  }

  private static String shellWord(String text) {
    return text.matches("[\\w./:@%+=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
