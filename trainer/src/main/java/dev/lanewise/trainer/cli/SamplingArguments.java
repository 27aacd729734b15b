package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.generate.SamplingOptions;
import java.util.List;
import picocli.CommandLine.Option;

/** How a command that writes chooses tokens. */
final class SamplingArguments {

  @Option(
      names = "--temperature",
      paramLabel = "X",
      description =
          "below 1 safer, above 1 wilder, 0 always the likeliest (default: ${DEFAULT-VALUE})")
  private double temperature = SamplingOptions.STANDARD.temperature();

  @Option(
      names = "--top-k",
      paramLabel = "N",
      description = "choose among the N likeliest tokens; 0 for all (default: ${DEFAULT-VALUE})")
  private int topK = SamplingOptions.STANDARD.topK();

  @Option(
      names = "--top-p",
      paramLabel = "X",
      description =
          "choose among the likeliest tokens that together have this probability; 1 for all"
              + " (default: ${DEFAULT-VALUE})")
  private double topP = SamplingOptions.STANDARD.topP();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "another seed, another text (default: ${DEFAULT-VALUE})")
  private long seed = SamplingOptions.STANDARD.seed();

  /** One line for each that is wrong. */
  List<String> problems() {
    return SamplingOptions.problems(temperature, topK, topP);
  }

  SamplingOptions options() {
    return new SamplingOptions(temperature, topK, topP, seed);
  }
}
