package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.RunFacts;
import dev.lanewise.trainer.text.conversation.DocumentSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** What happens in a run, but for its steps. */
sealed interface RunMessage extends Message {

  /**
   * The command has been understood.
   *
   * @param source of the text, in words
   * @param from the model that it begins with, in words; null for a new one
   */
  record Begins(String source, Path run, String from) implements RunMessage {
    @Override
    public String type() {
      return "start";
    }

    @Override
    public String text() {
      String begun = "Training on %s%n  run      %s".formatted(source, run);
      return from == null ? begun : begun + "%n  from     %s".formatted(from);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("command", "train");
      json.writeStringField("text", source);
      json.writeStringField("run", run.toString());
      json.writeStringField("from", from);
    }
  }

  /** What the documents of a run on JSON Lines came to. */
  record Documents(DocumentSummary summary) implements RunMessage {
    @Override
    public String type() {
      return "documents";
    }

    @Override
    public String text() {
      return "  data     " + summary.describe();
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      write(summary, json);
    }

    static void write(DocumentSummary summary, JsonGenerator json) throws IOException {
      json.writeStringField("template", summary.template());
      json.writeNumberField("documents", summary.documents());
      json.writeNumberField("parts", summary.parts());
      json.writeNumberField("tokens", summary.tokens());
      json.writeNumberField("counted", summary.counted());
      json.writeNumberField("longest", summary.longest());
      json.writeNumberField("context", summary.context());
      json.writeNumberField("cut_parts", summary.cutParts());
      json.writeNumberField("cut_tokens", summary.cutTokens());
      json.writeNumberField("cut_counted", summary.cutCounted());
      json.writeNumberField("bad", summary.bad());
    }

    /** Tells what a user should know of the documents, besides the numbers. */
    static void tellNotes(DocumentSummary summary, Display display) {
      summary.notes().forEach((note, count) -> display.note(count + " of the documents: " + note));
      if (summary.bad() > 0) {
        display.warning(
            "%s left out, as --skip-bad asks%s"
                .formatted(
                    Counted.of(summary.bad(), "bad document was", "bad documents were"),
                    summary.firstBad() == null ? "" : "; the first: " + summary.firstBad()));
      }
    }
  }

  /**
   * Everything is loaded, and steps will be taken.
   *
   * @param machine what it runs on, in words
   */
  record Ready(RunFacts facts, String machine) implements RunMessage {
    @Override
    public String type() {
      return "ready";
    }

    @Override
    public String text() {
      return String.format(
          Locale.ROOT,
          """
            text     %s; %s tokens to train on, %s to validate
            model    %s parameters%s: %s, %s, width %d, context %s, vocabulary %d
            machine  %s, peak %.0f GFLOP/s, %s
            steps    %s%d %s; Ctrl-C saves and stops\
          """,
          Amounts.bytes(facts.textBytes()),
          Amounts.count(facts.trainingTokens()),
          Amounts.count(facts.validationTokens()),
          Amounts.count(facts.parameters()),
          trained(),
          Counted.of(facts.model().layers(), "layer"),
          Counted.of(facts.model().block().attention().heads().queries(), "head"),
          facts.model().width(),
          context(),
          facts.model().vocabularySize(),
          machine,
          facts.peakGigaflops(),
          division(),
          facts.firstStep() > 0 ? "resumed, " : "",
          facts.firstStep(),
          facts.steps() == Progress.UNKNOWN ? "until the time is up" : "to " + facts.steps());
    }

    private String trained() {
      return facts.trained() == facts.parameters()
          ? ""
          : ", of which %s are trained".formatted(Amounts.count(facts.trained()));
    }

    private String context() {
      int sees = facts.model().contextLength();
      return facts.context() + (facts.context() < sees ? " of " + sees : "");
    }

    private String division() {
      String shards = facts.shards() == 1 ? "one shard" : facts.shards() + " shards";
      return "each batch in " + shards + (facts.sharesShards() ? ", which threads share" : "");
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeNumberField("first_step", facts.firstStep());
      if (facts.steps() == Progress.UNKNOWN) {
        json.writeNullField("steps");
      } else {
        json.writeNumberField("steps", facts.steps());
      }
      json.writeNumberField("text_bytes", facts.textBytes());
      json.writeNumberField("training_tokens", facts.trainingTokens());
      json.writeNumberField("validation_tokens", facts.validationTokens());
      json.writeNumberField("parameters", facts.parameters());
      json.writeNumberField("trained_parameters", facts.trained());
      json.writeNumberField("layers", facts.model().layers());
      json.writeNumberField("heads", facts.model().block().attention().heads().queries());
      json.writeNumberField("d_model", facts.model().width());
      json.writeNumberField("context", facts.context());
      json.writeNumberField("vocabulary", facts.model().vocabularySize());
      json.writeNumberField("shards", facts.shards());
      Message.number(json, "peak_gflops", facts.peakGigaflops());
      json.writeStringField("machine", machine);
    }
  }

  /** The time of a run by minutes has decided its end. */
  record EndDecided(RunFacts facts) implements RunMessage {
    @Override
    public String type() {
      return "end_decided";
    }

    @Override
    public String text() {
      return "step %d: the learning rate begins to fall, to end in time, after %s"
          .formatted(facts.firstStep(), Counted.of(facts.steps(), "step"));
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeNumberField("step", facts.firstStep());
      json.writeNumberField("steps", facts.steps());
    }
  }

  /**
   * The memory that the run takes.
   *
   * @param words how much, and for what
   */
  record Memory(String words) implements RunMessage {
    @Override
    public String type() {
      return "memory";
    }

    @Override
    public String text() {
      return "  memory   " + words;
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("text", words);
    }
  }

  /**
   * A validation loss.
   *
   * @param best whether it is the lowest so far
   */
  record Evaluated(long completedSteps, double loss, boolean best) implements RunMessage {
    @Override
    public String type() {
      return "evaluation";
    }

    @Override
    public String text() {
      return String.format(
          Locale.ROOT,
          "step %d: validation loss %.4f, perplexity %.2f%s",
          completedSteps,
          loss,
          Math.exp(loss),
          best ? " (best so far)" : "");
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeNumberField("step", completedSteps);
      Message.number(json, "val_loss", loss);
      json.writeBooleanField("best", best);
    }
  }

  /** The loss on all of the validation text, where evaluations read a part of it. */
  record EvaluatedAll(long completedSteps, double loss) implements RunMessage {
    @Override
    public String type() {
      return "exact_evaluation";
    }

    @Override
    public String text() {
      return String.format(
          Locale.ROOT, "step %d: loss %.4f on all of the validation text", completedSteps, loss);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeNumberField("step", completedSteps);
      Message.number(json, "val_loss", loss);
    }
  }

  /** What the model writes. */
  record Sample(long completedSteps, String sample) implements RunMessage {
    @Override
    public String type() {
      return "sample";
    }

    @Override
    public String text() {
      return "--- sample after %s ---%n%s%n---"
          .formatted(
              Counted.of(completedSteps, "step"), TerminalText.shown(sample.stripTrailing()));
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeNumberField("step", completedSteps);
      json.writeStringField("text", sample);
    }
  }

  /** A checkpoint is safe. */
  record Saved(long completedSteps, Path folder) implements RunMessage {
    @Override
    public String type() {
      return "checkpoint";
    }

    @Override
    public String text() {
      return "step " + completedSteps + ": saved to " + folder;
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeNumberField("step", completedSteps);
      json.writeStringField("folder", folder.toString());
    }
  }

  /** A signal was heard. */
  record Stopping() implements RunMessage {
    @Override
    public String type() {
      return "stopping";
    }

    @Override
    public String text() {
      return "stopping after this step; once more to stop at once";
    }

    @Override
    public void write(JsonGenerator json) {
      // That it is so says all.
    }
  }
}
