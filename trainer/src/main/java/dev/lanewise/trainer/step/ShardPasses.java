package dev.lanewise.trainer.step;

import dev.lanewise.engine.cluster.RankShards;
import dev.lanewise.engine.parallel.Shards;
import dev.lanewise.engine.profile.ShardEvent;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.token.PassTokens;
import java.util.Arrays;

/**
 * The shards of a step that this process has: each goes forward and backward, pass by pass, into
 * gradients of its own, on one worker or on several ({@link Crews}).
 */
final class ShardPasses {

  private final Settings config;
  private final Transformer transformer;
  private final ParameterStore weights;
  private final WeightPanels panels;
  private final TableTraining tables;
  private final Shards shards;
  private final int first;
  private final ParameterStore[] gradients;
  private final double[] losses;
  private final Crews crews;
  private final Crews.Job job = this::run;

  // What a step leaves for the workers.
  private long step;
  private boolean sampling;
  private long counted;
  private PassTokens tokens;

  /**
   * Makes room for the gradients of shards and the activations of passes.
   *
   * @param division which shards are on which rank
   */
  ShardPasses(TrainerParts parts, Shards shards, RankShards division, TableTraining tables) {
    this.config = parts.settings();
    this.transformer = parts.transformer();
    this.weights = parts.weights();
    this.panels = parts.panels();
    this.tables = tables;
    this.shards = shards;
    int rank = parts.orders().cluster().rank();
    this.first = division.from(rank);
    this.gradients = new ParameterStore[division.to(rank) - first];
    Arrays.setAll(gradients, own -> ParameterStore.ofTrainable(transformer.layout()));
    this.losses = new double[shards.count()];
    this.crews = new Crews(transformer, parts.use(), parts.pool(), gradients.length);
  }

  /**
   * Computes losses and gradients.
   *
   * @param number the step's, counted from 0; dropout depends on it
   * @param sampled whether the softmax is sampled, if the model is planned for that
   * @param passTokens of all shards, also those of other ranks
   */
  void run(long number, boolean sampled, PassTokens passTokens) {
    step = number;
    sampling = sampled;
    counted = passTokens.counted();
    tokens = passTokens;
    crews.run(gradients.length, job);
  }

  private void run(int own, int worker, Pass pass) {
    int shard = first + own;
    ShardEvent event = ShardEvent.start();
    pass.bind(weights, panels, gradients[own]);
    float scale = 1f / counted;
    double sum = 0;
    int position = 0;
    for (int micro = 0; micro < tokens.microBatches(); micro++) {
      int end = shards.to(shard);
      for (int from = shards.from(shard); from < end; from += transformer.sequencesPerPass()) {
        int sequences = Math.min(transformer.sequencesPerPass(), end - from);
        feed(pass, micro, from, sequences);
        if (pass.rows() == 0) {
          continue;
        }
        pass.bindRows(tables.gradients(shard), position);
        position += pass.rows();
        sum += transformer.lossAndGradients(pass, scale);
      }
    }
    if (pass.member().isFirst()) {
      losses[shard] = sum;
      if (pass.isFresh()) {
        // It had no row; nobody has overwritten what the step before left here.
        Arrays.fill(gradients[own].data(), 0f);
      }
    }
    ShardEvent.end(event, shard, shards.to(shard) - shards.from(shard));
  }

  private void feed(Pass pass, int micro, int from, int sequences) {
    tokens.give(pass.batch(), micro, from, sequences);
    long firstRow = ((long) micro * config.step().batch() + from) * config.model().context();
    pass.withDropout(config.step().seed(), step, firstRow);
    pass.withSampledSoftmax(sampling);
  }

  /** Returns the summed losses of all shards; of other ranks' when these have been gathered. */
  double[] losses() {
    return losses;
  }

  /** Returns how many shards this process has. */
  int count() {
    return gradients.length;
  }

  /** Returns the gradients of the first shard, where those of all are added. */
  ParameterStore sum() {
    return gradients[0];
  }

  /** Returns the gradients of each shard. */
  float[][] leaves() {
    float[][] leaves = new float[gradients.length][];
    Arrays.setAll(leaves, own -> gradients[own].data());
    return leaves;
  }

  /** Returns who computes; for an evaluation between steps. */
  Crews crews() {
    return crews;
  }

  /**
   * Finds what made the losses of the last step not finite, in order of the computation. Not on
   * another rank than 0, which has only the tokens of whole passes.
   *
   * @return for people; null if all activations are finite
   */
  String firstBadActivation() {
    Pass pass = crews.passOfOne();
    pass.bind(weights, panels, null);
    String found = null;
    for (int shard = 0; found == null && shard < shards.count(); shard++) {
      if (!Double.isFinite(losses[shard])) {
        found = firstBadActivation(pass, shard);
      }
    }
    return found;
  }

  private String firstBadActivation(Pass pass, int shard) {
    for (int micro = 0; micro < tokens.microBatches(); micro++) {
      for (int s = shards.from(shard); s < shards.to(shard); s++) {
        feed(pass, micro, s, 1);
        if (pass.rows() == 0) {
          continue;
        }
        String found = NonFiniteSearch.inActivations(transformer, pass);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }
}
