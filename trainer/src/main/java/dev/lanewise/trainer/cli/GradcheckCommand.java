package dev.lanewise.trainer.cli;

import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.check.GradientCheck;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.family.Family;
import dev.lanewise.model.layer.SelfAttention;
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
final class GradcheckCommand extends Subcommand {

  private static final float DROPOUT = 0.1f;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "of weights, tokens and the choice of elements (default: ${DEFAULT-VALUE})")
  private long seed = 1;

  @Option(names = "--kernels", paramLabel = "NAME", description = KernelChoice.DESCRIPTION)
  private KernelChoice kernels = KernelChoice.VECTOR;

  @Override
  int run() {
    boolean passed = true;
    double largest = 0;
    for (Family family : Families.STANDARD.all()) {
      for (TransformerConfig example : family.examples(DROPOUT)) {
        GradientCheck.Report report = GradientCheck.run(example, kernels.create(), seed);
        print(family, report);
        passed &= report.passed();
        largest = Math.max(largest, report.largestError());
      }
    }
    out()
        .printf(
            Locale.ROOT,
            "%s: largest error %.2e, allowed %.0e%n",
            passed ? "passed" : "FAILED",
            largest,
            GradientCheck.TOLERANCE);
    return passed ? 0 : 1;
  }

  private static String biases(SelfAttention.Choice attention) {
    if (attention.outBias()) {
      return "yes";
    }
    return attention.inBias() ? "of queries, keys and values" : "no";
  }

  private void print(Family family, GradientCheck.Report report) {
    TransformerConfig config = report.config();
    out()
        .printf(
            Locale.ROOT,
            "%s, biases %s, tied head %s, dropout %s: loss %.7f, in float64 %.7f%n",
            family.modelType(),
            biases(config.block().attention()),
            config.tiedHead() ? "yes" : "no",
            config.block().dropout(),
            report.loss(),
            report.referenceLoss());
    out()
        .printf(
            "  %-34s %-12s %7s %14s %14s %9s%n",
            "tensor", "shape", "checked", "analytic", "numeric", "error");
    for (GradientCheck.Result result : report.results()) {
      out()
          .printf(
              Locale.ROOT,
              "  %-34s %-12s %7d %14.6e %14.6e %9.1e%s%n",
              result.name(),
              Arrays.toString(result.shape().toArray()),
              result.checked(),
              result.analytic(),
              result.numeric(),
              result.relativeError(),
              result.passed() ? "" : "  <-- wrong");
    }
    out().println();
  }
}
