package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.RunFolder;
import dev.lanewise.trainer.run.TrainingRun;
import java.io.IOException;
import java.util.Locale;

/** What a run came to, and what to do next. */
record RunSummary(TrainingRun.Outcome outcome, RunFolder folder) implements Message {

  @Override
  public String type() {
    return "result";
  }

  @Override
  public void write(JsonGenerator json) throws IOException {
    json.writeStringField("command", "train");
    json.writeBooleanField("completed", outcome.completed());
    json.writeNumberField("completed_steps", outcome.completedSteps());
    if (outcome.steps() == Progress.UNKNOWN) {
      json.writeNullField("steps");
    } else {
      json.writeNumberField("steps", outcome.steps());
    }
    json.writeNumberField("skipped_steps", outcome.skippedSteps());
    if (outcome.best() == null) {
      json.writeNullField("best_step");
      json.writeNullField("best_val_loss");
    } else {
      json.writeNumberField("best_step", outcome.best().step());
      json.writeNumberField("best_val_loss", outcome.best().loss());
    }
    json.writeStringField("run", folder.path().toString());
    if (outcome.bestCheckpoint() == null) {
      json.writeNullField("checkpoint");
    } else {
      json.writeStringField("checkpoint", outcome.bestCheckpoint().toString());
    }
    json.writeStringField("report", folder.report().toString());
  }

  @Override
  public String text() {
    String name = ShellWord.of(folder.path().toString());
    if (!outcome.completed()) {
      return String.format(
          Locale.ROOT,
          "Stopped after %d%s steps, all saved. To go on:%n  ./lanewise train --resume --out %s",
          outcome.completedSteps(),
          outcome.steps() == Progress.UNKNOWN ? "" : " of " + outcome.steps(),
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
        "Done: %s%s.%s%n  model    %s%n  curves   %s%nLet it write:%n"
            + "  ./lanewise generate --model %s --max-tokens 200",
        Counted.of(outcome.completedSteps(), "step"),
        skipped,
        best,
        outcome.bestCheckpoint(),
        folder.report(),
        name);
  }
}
