package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.check.GradientCheck;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.family.Family;
import dev.lanewise.model.layer.SelfAttention;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lanewise gradcheck}. */
@Command(
    name = "gradcheck",
    description = {
      "Checks the hand-written backward passes.",
      "",
      "Compares gradients in float32 with central differences of a model in float64",
      "and plain loops that shares no code with them. Small models are checked, which",
      "differ in biases, tied head and dropout; of each parameter tensor some elements,",
      "spread over it:",
      "  error = |analytic - numeric| / max(|analytic|, |numeric|, 1e-4)",
      "Exit code 1 if any error is above 1e-3."
    },
    footer = {"", "Example:", "  lanewise gradcheck --seed 3"})
final class GradcheckCommand extends WatchedCommand {

  private static final float DROPOUT = 0.1f;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "of weights, tokens and the choice of elements (default: ${DEFAULT-VALUE})")
  private long seed = 1;

  @Option(names = "--kernels", paramLabel = "NAME", description = KernelChoice.DESCRIPTION)
  private KernelChoice kernels = KernelChoice.VECTOR;

  /** The tensors are what is asked for. */
  @Override
  boolean tellsOnOut() {
    return true;
  }

  @Override
  int run(Display display) {
    boolean passed = true;
    double largest = 0;
    for (Family family : Families.STANDARD.all()) {
      for (TransformerConfig example : family.examples(DROPOUT)) {
        GradientCheck.Report report = GradientCheck.run(example, kernels.create(), seed);
        display.tell(new Checked(family.modelType(), report));
        passed &= report.passed();
        largest = Math.max(largest, report.largestError());
      }
    }
    display.result(new Verdict(passed, largest));
    return passed ? 0 : 1;
  }

  /** What was found in a model. */
  record Checked(String family, GradientCheck.Report report) implements Message {

    private String biases() {
      SelfAttention.Choice attention = report.config().block().attention();
      if (attention.outBias()) {
        return "yes";
      }
      return attention.inBias() ? "of queries, keys and values" : "no";
    }

    @Override
    public String type() {
      return "checked";
    }

    @Override
    public String text() {
      StringBuilder text = new StringBuilder();
      text.append(
          String.format(
              Locale.ROOT,
              "%s, biases %s, tied head %s, dropout %s: loss %.7f, in float64 %.7f%n",
              family,
              biases(),
              report.config().tiedHead() ? "yes" : "no",
              report.config().block().dropout(),
              report.loss(),
              report.referenceLoss()));
      text.append(
          String.format(
              "  %-34s %-12s %7s %14s %14s %9s%n",
              "tensor", "shape", "checked", "analytic", "numeric", "error"));
      for (GradientCheck.Result result : report.results()) {
        text.append(
            String.format(
                Locale.ROOT,
                "  %-34s %-12s %7d %14.6e %14.6e %9.1e%s%n",
                result.name(),
                Arrays.toString(result.shape().toArray()),
                result.checked(),
                result.analytic(),
                result.numeric(),
                result.relativeError(),
                result.passed() ? "" : "  <-- wrong"));
      }
      return text.toString();
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("family", family);
      json.writeStringField("biases", biases());
      json.writeBooleanField("tied_head", report.config().tiedHead());
      Message.number(json, "dropout", report.config().block().dropout());
      Message.number(json, "loss", report.loss());
      Message.number(json, "reference_loss", report.referenceLoss());
      json.writeBooleanField("passed", report.passed());
      json.writeArrayFieldStart("tensors");
      for (GradientCheck.Result result : report.results()) {
        json.writeStartObject();
        json.writeStringField("name", result.name());
        json.writeFieldName("shape");
        int[] shape = result.shape().toArray();
        json.writeArray(shape, 0, shape.length);
        json.writeNumberField("checked", result.checked());
        Message.number(json, "analytic", result.analytic());
        Message.number(json, "numeric", result.numeric());
        Message.number(json, "error", result.relativeError());
        json.writeBooleanField("passed", result.passed());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
  }

  /** What all models come to. */
  record Verdict(boolean passed, double largest) implements Message {

    @Override
    public String type() {
      return "result";
    }

    @Override
    public String text() {
      return String.format(
          Locale.ROOT,
          "%s: largest error %.2e, allowed %.0e",
          passed ? "passed" : "FAILED",
          largest,
          GradientCheck.TOLERANCE);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("command", "gradcheck");
      json.writeBooleanField("passed", passed);
      Message.number(json, "largest_error", largest);
      Message.number(json, "allowed_error", GradientCheck.TOLERANCE);
    }
  }
}
