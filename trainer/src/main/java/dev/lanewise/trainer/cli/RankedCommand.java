package dev.lanewise.trainer.cli;

import dev.lanewise.engine.cluster.ClusterException;
import dev.lanewise.trainer.cli.jvm.StopSignals;
import dev.lanewise.trainer.run.KernelBits;
import dev.lanewise.trainer.step.RankOrders;
import dev.lanewise.trainer.step.RankOrders.Fact;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * {@code lanewise train} on one of several ranks: rank 0 does what one process would, and shows it;
 * the others follow in silence. Whatever ends one of them ends all.
 */
final class RankedCommand {

  private static final int FAILED = 1;

  private final RankOrders orders;

  RankedCommand(RankOrders orders) {
    this.orders = orders;
  }

  int run(TrainCommand command, Display display) throws IOException {
    try {
      Optional<String> difference = difference(command);
      if (difference.isEmpty()) {
        return orders.leads() ? lead(command, display) : follow(command);
      }
      orders.cluster().close();
      if (orders.leads()) {
        throw new ClusterException(difference.get() + "; start the same on all machines");
      }
      return 0;
    } catch (RuntimeException | Error failure) {
      if (orders.leads() && !orders.isBusy()) {
        throw failure;
      }
      return abort(command, failure);
    }
  }

  private Optional<String> difference(TrainCommand command) {
    String version = new LanewiseCommand.Version().getVersion()[0];
    return orders.difference(
        List.of(
            new Fact("version", version),
            new Fact("command line", command.asked()),
            new Fact("result of its kernels", KernelBits.of(command.kernels()))));
  }

  private int lead(TrainCommand command, Display display) throws IOException {
    orders.sayWaitEvery(command.sayWaitEvery());
    try {
      return command.train(display);
    } finally {
      // In the middle of something they cannot be let go: the caller aborts.
      if (!orders.isBusy()) {
        orders.end();
        orders.cluster().close();
      }
    }
  }

  /** A signal on any rank is one for all. */
  private int follow(TrainCommand command) {
    StopSignals signals = StopSignals.catching(orders::askToStop);
    try {
      command.follow();
      orders.cluster().close();
      return 0;
    } catch (IOException failure) {
      return abort(command, failure);
    } finally {
      signals.close();
    }
  }

  private int abort(TrainCommand command, Throwable failure) {
    String name = orders.cluster().name(orders.cluster().rank());
    command.failed(name + ": " + Failure.explain("train", failure), FAILED);
    orders.cluster().abort(FAILED);
    return FAILED;
  }
}
