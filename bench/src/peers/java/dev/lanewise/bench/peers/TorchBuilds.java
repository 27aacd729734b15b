package dev.lanewise.bench.peers;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of a comparison with PyTorch. */
final class TorchBuilds {

  @Option(
      names = "--build",
      paramLabel = "NAME",
      split = ",",
      description =
          "builds of PyTorch; the fastest counts: ${COMPLETION-CANDIDATES} (default: all that this"
              + " processor has instructions for)")
  private List<TorchBuild> builds =
      Arrays.stream(TorchBuild.values()).filter(TorchBuild::isAtHome).toList();

  @Option(
      names = "--peers",
      paramLabel = "DIR",
      required = true,
      description = "bench/target/peers")
  private Path peers;

  /** Returns each build as a program that measures a step. */
  List<Contender> contenders() {
    return builds.stream().map(build -> Contender.pyTorch(build, peers)).toList();
  }
}
