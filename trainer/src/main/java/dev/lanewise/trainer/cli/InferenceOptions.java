package dev.lanewise.trainer.cli;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Precision;
import dev.lanewise.trainer.run.KnownModel;
import dev.lanewise.trainer.run.WeightPrecision;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Option;

/** What a model that is not trained is computed with. */
final class InferenceOptions {

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads that compute; does not change the result (default: physical cores)")
  private Integer threads;

  @Option(names = "--weights", paramLabel = "NAME", description = WeightPrecision.DESCRIPTION)
  private WeightPrecision weights = WeightPrecision.FILE;

  @Option(names = "--kernels", paramLabel = "NAME", description = KernelChoice.DESCRIPTION)
  private KernelChoice kernels = KernelChoice.VECTOR;

  List<String> problems() {
    return Subcommand.threadProblems(threads);
  }

  int workers() {
    return Subcommand.requireThreads(threads);
  }

  WeightPrecision weights() {
    return weights;
  }

  /** Returns the precision that the weights of a model have in memory. */
  Precision held(KnownModel known) throws IOException {
    return weights.of(known.filePrecision());
  }

  KernelSet kernels() {
    return kernels.create();
  }
}
