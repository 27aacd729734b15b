package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.run.RunForecast;
import java.io.IOException;
import java.util.Locale;

/** What {@code train --dry-run} says. */
record DryRun(RunForecast forecast) implements Message {

  @Override
  public String type() {
    return "result";
  }

  @Override
  public String text() {
    return String.format(
        Locale.ROOT,
        "The run would take about %s: %s of %.2f s, %s tokens in all, %s of"
            + " %.1f s, and %.1f s once. Nothing was kept.",
        Amounts.time(forecast.seconds()),
        Counted.of(forecast.facts().steps(), "step"),
        forecast.secondsOfStep(),
        Amounts.count(forecast.tokens()),
        Counted.of(forecast.evaluations(), "evaluation"),
        forecast.secondsOfEvaluation(),
        forecast.secondsOnce());
  }

  @Override
  public void write(JsonGenerator json) throws IOException {
    json.writeStringField("command", "train");
    json.writeBooleanField("dry_run", true);
    json.writeNumberField("steps", forecast.facts().steps());
    json.writeNumberField("tokens", forecast.tokens());
    json.writeNumberField("evaluations", forecast.evaluations());
    Message.number(json, "step_seconds", forecast.secondsOfStep());
    Message.number(json, "evaluation_seconds", forecast.secondsOfEvaluation());
    Message.number(json, "once_seconds", forecast.secondsOnce());
    Message.number(json, "seconds", forecast.seconds());
  }
}
