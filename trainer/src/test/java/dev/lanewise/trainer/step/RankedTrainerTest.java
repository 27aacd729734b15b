package dev.lanewise.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.trainer.fixture.SmallTrainer;
import dev.lanewise.trainer.fixture.ThreadRanks;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.step.RankOrders.Fact;
import dev.lanewise.trainer.text.token.TokenSequence;
import dev.lanewise.trainer.text.token.ValidationWindows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several ranks train a model together to the bits of one process. */
@Timeout(180)
class RankedTrainerTest {

  private static final int STEPS = 6;

  /** Eight shards of two sequences, two micro-batches, dropout; and a head of its own. */
  private static ConfigLayer llamaLike() {
    return SmallTrainer.layer()
        .with(ConfigKey.FAMILY, "llama")
        .with(ConfigKey.BIASES, false)
        .with(ConfigKey.TIED_HEAD, false)
        .with(ConfigKey.BATCH, 16)
        .with(ConfigKey.ACCUMULATION, 2);
  }

  /** What rank 0 does; the others follow. */
  private static <T> T onRanks(
      ConfigLayer layer, int ranks, int threads, Function<SmallTrainer, T> work) {
    return ThreadRanks.run(
        ranks,
        orders -> withTrainer(layer, orders, threads, work),
        orders ->
            withTrainer(
                layer,
                orders,
                threads,
                run -> {
                  // What it was made with is of no account.
                  run.weights().data()[3] = Float.NaN;
                  run.trainer().follow();
                  return null;
                }));
  }

  private static <T> T withTrainer(
      ConfigLayer layer, RankOrders orders, int threads, Function<SmallTrainer, T> work) {
    try (WorkerPool pool = new WorkerPool(threads)) {
      return work.apply(SmallTrainer.of(layer, VectorKernels.create(), pool, Use.TRAINING, orders));
    }
  }

  private static void addBits(ParameterStore store, List<Long> bits) {
    for (float value : store.data()) {
      bits.add((long) Float.floatToRawIntBits(value));
    }
  }

  private static ValidationWindows windows(SmallTrainer run, int tokens) {
    int[] ids = new int[tokens];
    for (int i = 0; i < tokens; i++) {
      ids[i] = i * i % SmallTrainer.VOCABULARY;
    }
    return new ValidationWindows(
        TokenSequence.of(ids, SmallTrainer.VOCABULARY), run.settings().model().context());
  }

  private static void takeSteps(SmallTrainer run, int from, int to, List<Long> bits) {
    Trainer trainer = run.trainer();
    for (int step = from; step < to; step++) {
      trainer.step(step, run.batch(step));
      bits.add(Double.doubleToRawLongBits(trainer.loss()));
      bits.add(Double.doubleToRawLongBits(trainer.gradientNorm()));
    }
  }

  /** Losses, norms, an evaluation, weights and what is remembered, after some steps. */
  private static List<Long> bitsOf(SmallTrainer run) {
    Trainer trainer = run.trainer();
    List<Long> bits = new ArrayList<>();
    takeSteps(run, 0, STEPS, bits);
    trainer.settle(STEPS);
    double loss =
        trainer.evaluator().evaluate(windows(run, 13 * 40 + 5), () -> false).orElseThrow();
    bits.add(Double.doubleToRawLongBits(loss));
    takeSteps(run, STEPS, STEPS + 2, bits);
    trainer.settle(STEPS + 2);
    trainer.collect();
    addBits(run.weights(), bits);
    trainer.state().forEach(state -> addBits(state.values(), bits));
    return bits;
  }

  private static List<Long> alone(ConfigLayer layer) {
    try (WorkerPool pool = new WorkerPool(1)) {
      return bitsOf(SmallTrainer.of(layer, pool));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 8})
  void ranksDoNotChangeTheBits(int ranks) {
    ConfigLayer layer = llamaLike();
    assertThat(onRanks(layer, ranks, 1 + ranks % 2, RankedTrainerTest::bitsOf))
        .isEqualTo(alone(layer));
  }

  /** As the chapter's: six shards of one sequence, a tied head, biases. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 6})
  void norOfATiedHead(int ranks) {
    ConfigLayer layer = SmallTrainer.layer();
    assertThat(onRanks(layer, ranks, 1, RankedTrainerTest::bitsOf)).isEqualTo(alone(layer));
  }

  /** More workers than a rank has shards. */
  @Test
  void norWithSeveralWorkersToAShard() {
    ConfigLayer layer = SmallTrainer.layer().with(ConfigKey.SHARDS, 2);
    assertThat(onRanks(layer, 2, 3, RankedTrainerTest::bitsOf)).isEqualTo(alone(layer));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8})
  void norWithWholeMatrices(int ranks) {
    ConfigLayer layer = llamaLike().with(ConfigKey.OPTIMIZER, "muon");
    assertThat(onRanks(layer, ranks, 2, RankedTrainerTest::bitsOf)).isEqualTo(alone(layer));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void norWithTables(int ranks) {
    ConfigLayer layer = SmallTrainer.tables().with(ConfigKey.NGRAM_DROPOUT, 0.3);
    assertThat(onRanks(layer, ranks, 2, RankedTrainerTest::bitsOf)).isEqualTo(alone(layer));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void norWithASampledSoftmax(int ranks) {
    ConfigLayer layer = SmallTrainer.layer().with(ConfigKey.SAMPLED_SOFTMAX, 10);
    assertThat(onRanks(layer, ranks, 2, RankedTrainerTest::bitsOf))
        .isEqualTo(alone(layer))
        .isNotEqualTo(alone(SmallTrainer.layer()));
  }

  /** Saved by some ranks, gone on with by others: as what one process does. */
  @ParameterizedTest
  @ValueSource(strings = {"adamw", "muon", "tables"})
  void anotherNumberOfRanksGoesOn(String kind) {
    ConfigLayer layer =
        kind.equals("tables") ? SmallTrainer.tables() : llamaLike().with(ConfigKey.OPTIMIZER, kind);
    List<Long> expected = alone(layer);
    List<List<float[]>> saved = new ArrayList<>();
    onRanks(
        layer,
        3,
        1,
        run -> {
          takeSteps(run, 0, 3, new ArrayList<>());
          run.trainer().settle(3);
          run.trainer().collect();
          saved.add(stores(run));
          return null;
        });
    for (int ranks : new int[] {1, 2, 4}) {
      List<Long> bits =
          onRanks(
              layer,
              ranks,
              1,
              run -> {
                restore(run, saved.getFirst());
                List<Long> after = new ArrayList<>();
                takeSteps(run, 3, STEPS + 2, after);
                return after;
              });
      assertThat(bits.getLast()).isEqualTo(normOfLastStep(expected));
    }
  }

  private static Long normOfLastStep(List<Long> bits) {
    return bits.get(2 * STEPS + 1 + 3);
  }

  private static List<float[]> stores(SmallTrainer run) {
    List<float[]> stores = new ArrayList<>();
    stores.add(run.weights().data().clone());
    for (OptimizerState state : run.trainer().state()) {
      stores.add(state.values().data().clone());
    }
    return stores;
  }

  private static void restore(SmallTrainer run, List<float[]> stores) {
    ParameterStore weights = run.weights().emptyCopy();
    System.arraycopy(stores.getFirst(), 0, weights.data(), 0, weights.data().length);
    List<OptimizerState> states = run.trainer().state();
    for (int i = 0; i < states.size(); i++) {
      float[] target = states.get(i).values().data();
      System.arraycopy(stores.get(i + 1), 0, target, 0, target.length);
    }
    run.trainer().restore(weights, 3, true);
  }

  /** Rank 0 says which tensor it is, as without ranks, and all can go on. */
  @Test
  void aStepThatIsNotFiniteChangesNothing() {
    ConfigLayer layer = llamaLike();
    List<Long> bits =
        onRanks(
            layer,
            3,
            1,
            run -> {
              takeSteps(run, 0, 2, new ArrayList<>());
              float[] frozen = run.weights().data();
              run.trainer().restore(broken(run), 2, true);
              assertThatThrownBy(() -> run.trainer().step(2, run.batch(2)))
                  .isInstanceOf(NonFiniteException.class)
                  .hasMessageContaining("the weight");
              assertThat(frozen).contains(Float.NaN);
              return List.of(1L);
            });
    assertThat(bits).hasSize(1);
  }

  private static ParameterStore broken(SmallTrainer run) {
    ParameterStore weights = run.weights().emptyCopy();
    System.arraycopy(run.weights().data(), 0, weights.data(), 0, weights.data().length);
    weights.data()[7] = Float.NaN;
    return weights;
  }

  @Test
  void aStopAskedOfAnyRankReachesTheFirst() {
    ConfigLayer layer = SmallTrainer.layer();
    boolean[] asked =
        ThreadRanks.run(
            2,
            orders ->
                withTrainer(
                    layer,
                    orders,
                    1,
                    run -> {
                      boolean before = orders.isStopAsked();
                      run.trainer().step(0, run.batch(0));
                      return new boolean[] {before, orders.isStopAsked()};
                    }),
            orders -> {
              orders.askToStop();
              return withTrainer(
                  layer,
                  orders,
                  1,
                  run -> {
                    run.trainer().follow();
                    return null;
                  });
            });
    assertThat(asked).containsExactly(false, true);
  }

  @Test
  void whatDiffersIsSaidOnAllRanks() {
    Optional<String> difference =
        ThreadRanks.run(
            3,
            orders -> orders.difference(List.of(new Fact("version", "1.0"))),
            orders -> {
              String version = orders.cluster().rank() == 2 ? "1.1" : "1.0";
              assertThat(orders.difference(List.of(new Fact("version", version))))
                  .hasValueSatisfying(text -> assertThat(text).contains("rank 2", "1.1", "1.0"));
              return null;
            });
    assertThat(difference).isPresent();
  }

  @Test
  void aRankThatWaitsForOrdersHearsThatRank0IsThere() {
    byte[] setup = {1, 2, 3};
    byte[][] received = new byte[1][];
    ThreadRanks.run(
        2,
        orders -> {
          orders.sayWaitEvery(Duration.ofMillis(1));
          Thread.sleep(50);
          orders.setUp(setup);
          return null;
        },
        orders -> {
          received[0] = orders.awaitSetup();
          assertThat(orders.awaitSetup()).isNull();
          return null;
        });
    assertThat(received[0]).isEqualTo(setup);
  }
}
