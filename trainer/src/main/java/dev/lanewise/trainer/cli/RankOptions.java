package dev.lanewise.trainer.cli;

import dev.lanewise.engine.cluster.Cluster;
import dev.lanewise.engine.cluster.Launched;
import dev.lanewise.engine.cluster.MpiCluster;
import dev.lanewise.trainer.settings.InvalidConfigException;
import dev.lanewise.trainer.step.RankOrders;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whether and how a command works on several processes that a launcher has started. */
final class RankOptions {

  /** Whether processes that were started together work together. */
  enum Use {
    AUTO,
    OFF;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--ranks",
      paramLabel = "auto|off",
      description =
          "whether processes that mpirun, mpiexec or srun has started train one model together, to"
              + " the bits of one process; docs/SCALING.md (default: auto)")
  private Use use = Use.AUTO;

  @Option(
      names = "--rank-timeout",
      paramLabel = "SECONDS",
      description =
          "how long a rank waits for another before it ends the run; more than one shard takes"
              + " (default: 300)")
  private int timeout = 300;

  @Option(
      names = "--mpi-library",
      preprocessor = Verbatim.class,
      paramLabel = "FILE",
      description =
          "the MPI library of mpirun, a file or a name (default: looked for, libmpi.so.40,"
              + " libmpich.so.12 and others)")
  private String library;

  /** Returns what the launcher said; empty if there is none, or it is not to count. */
  Optional<Launched> launched(Map<String, String> environment) {
    return use == Use.OFF ? Optional.empty() : Launched.from(environment);
  }

  /** Joins the ranks, if there are others. */
  RankOrders join(Optional<Launched> launched) {
    if (timeout < 1) {
      throw new InvalidConfigException(
          List.of("--rank-timeout " + timeout + " has to be at least 1"));
    }
    if (launched.isEmpty() || launched.get().size() == 1) {
      return RankOrders.alone();
    }
    Duration patience = Duration.ofSeconds(timeout);
    Cluster cluster = MpiCluster.join(Optional.ofNullable(library), launched.get(), patience);
    return new RankOrders(cluster);
  }

  /** On rank 0: how often the others hear that it is still there. */
  Duration period() {
    return Duration.ofMillis(Math.min(10_000L, 250L * timeout));
  }
}
