package dev.lanewise.trainer.step;

import dev.lanewise.engine.cluster.Cluster;
import dev.lanewise.engine.cluster.Collectives;
import dev.lanewise.engine.cluster.RankShards;
import dev.lanewise.engine.cluster.RankedReduction;
import dev.lanewise.engine.parallel.Shards;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.RowGradients;
import dev.lanewise.trainer.text.token.PassTokens;
import java.lang.foreign.MemorySegment;

/**
 * What a step on several ranks has beside that of one process: the tokens that rank 0 sends, losses
 * and gradients that are added across ranks, and weights that each gives the others. A process that
 * works alone has none of it.
 */
final class RankedStep implements PassTokens {

  private final RankOrders orders;
  private final Collectives collectives;
  private final RankShards ranks;
  private final Shards shards;
  private final int perPass;
  private final RankedReduction reduction;
  private final SentBatches sent = new SentBatches();
  private final Batch filled;

  /** For each sequence that a pass begins with, the number of the pass in its micro-batch. */
  private final int[] passes;

  private final int passesPerMicroBatch;

  /** Per rank, the losses of its shards, and whether it was asked to stop. */
  private final double[] told;

  private final long[] toldBounds;

  RankedStep(
      RankOrders orders,
      RankShards ranks,
      Shards shards,
      Transformer transformer,
      KernelSet kernels,
      RankPart part,
      float[][] leaves) {
    this.orders = orders;
    this.collectives = orders.collectives();
    this.ranks = ranks;
    this.shards = shards;
    this.perPass = transformer.sequencesPerPass();
    this.reduction = new RankedReduction(collectives, kernels, ranks, leaves, part.bounds());
    this.filled = new Batch(perPass * transformer.time());
    this.passes = new int[shards.sequences()];
    int next = 0;
    for (int shard = 0; shard < shards.count(); shard++) {
      for (int from = shards.from(shard); from < shards.to(shard); from += perPass) {
        passes[from] = next++;
      }
    }
    this.passesPerMicroBatch = next;
    Cluster cluster = orders.cluster();
    this.told = new double[shards.count() + cluster.size()];
    this.toldBounds = new long[cluster.size() + 1];
    for (int rank = 0; rank <= cluster.size(); rank++) {
      toldBounds[rank] = (long) Double.BYTES * (ranks.from(rank) + rank);
    }
  }

  /** How rank 0 fills a pass. */
  @FunctionalInterface
  interface Source {
    void give(Batch batch, int micro, int from, int sequences);
  }

  /** On rank 0: tells the others of a step, and gives them the tokens of all passes. */
  void begin(long step, long counted, long end, int microBatches, Source source) {
    orders.give(RankOrders.Kind.STEP, step, counted, end, microBatches);
    sent.clear();
    for (int micro = 0; micro < microBatches; micro++) {
      for (int shard = 0; shard < shards.count(); shard++) {
        for (int from = shards.from(shard); from < shards.to(shard); from += perPass) {
          source.give(filled, micro, from, Math.min(perPass, shards.to(shard) - from));
          sent.add(filled);
        }
      }
    }
    sent.broadcast(collectives);
  }

  /** On the other ranks: takes the tokens, which this then has. */
  void receive() {
    sent.broadcast(collectives);
  }

  @Override
  public int microBatches() {
    return sent.count() / passesPerMicroBatch;
  }

  /** On the other ranks: as rank 0 has said. */
  @Override
  public long counted() {
    return orders.number(1);
  }

  /** A pass takes whole what was sent for one. */
  @Override
  public void give(Batch batch, int micro, int from, int windows) {
    sent.give(micro * passesPerMicroBatch + passes[from], batch);
  }

  @Override
  public void touch(RowGradients rows, int micro, int from, int windows) {
    for (int first = from; first < from + windows; first += perPass) {
      sent.touch(micro * passesPerMicroBatch + passes[first], rows);
    }
  }

  /** Gives all ranks the losses of all shards; rank 0 hears whether one was asked to stop. */
  void gatherLosses(double[] losses) {
    int rank = orders.cluster().rank();
    for (int shard = ranks.from(rank); shard < ranks.to(rank); shard++) {
      told[shard + rank] = losses[shard];
    }
    told[ranks.to(rank) + rank] = orders.isStopAsked() ? 1 : 0;
    collectives.gatherAll(MemorySegment.ofArray(told), toldBounds);
    for (int from = 0; from < ranks.ranks(); from++) {
      for (int shard = ranks.from(from); shard < ranks.to(from); shard++) {
        losses[shard] = told[shard + from];
      }
      if (told[ranks.to(from) + from] != 0) {
        orders.askToStop();
      }
    }
  }

  /** Adds the gradients of all ranks' shards; returns the sum of squares. */
  double reduce(WorkerPool pool) {
    return reduction.reduce(pool);
  }

  /** Gives all ranks an array of which each has its part. */
  void gather(float[] data) {
    reduction.gather(data);
  }

  /** Returns the bytes that this rank sends in a step. */
  long bytesSent() {
    return reduction.bytesSent();
  }
}
