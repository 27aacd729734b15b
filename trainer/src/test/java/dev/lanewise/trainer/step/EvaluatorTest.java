package dev.lanewise.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.check.ReferenceTransformer;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.trainer.fixture.Reports;
import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.fixture.SmallTrainer;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.token.TokenSequence;
import dev.lanewise.trainer.text.token.ValidationWindows;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every target once, and no other figure for other workers. Two windows of 13 make a pass. */
class EvaluatorTest {

  private static final int CONTEXT = 13;

  /** The shorter last window alone in a pass, and in one with another; none; and nothing else. */
  @ParameterizedTest
  @ValueSource(ints = {4 * CONTEXT + 5, 5 * CONTEXT + 4, 5 * CONTEXT, 4})
  void isTheMeanOverAllTargets(int targets) {
    int[] tokens = tokens(targets + 1);
    // One for each shard of three, a worker left over, and two to a shard.
    int[] workers = {1, 3, 4, 6};
    double[] found = new double[workers.length];
    for (int i = 0; i < workers.length; i++) {
      try (WorkerPool pool = new WorkerPool(workers[i])) {
        SmallTrainer run = trained(pool);
        assertThat(run.transformer().sequencesPerPass()).isEqualTo(2);
        found[i] = evaluate(run.trainer().evaluator(), tokens).orElseThrow();
        assertThat(found[i]).isCloseTo(meanOfReference(run, tokens), within(2e-6));
        Evaluator own =
            new Evaluator(
                run.transformer(), pool, run.weights(), run.trainer().panels(), windows(tokens));
        assertThat(evaluate(own, tokens)).hasValue(found[i]);
      }
    }
    assertThat(found).containsOnly(found[0]);
  }

  /** A long context has one window in a pass, where the text has four to a sum. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5})
  void howManyWindowsAPassHasDoesNotShow(int workers) {
    int context = 300;
    Settings settings = SmallSettings.layer().with(ConfigKey.CONTEXT, context).toSettings();
    Transformer transformer =
        new Transformer(
            settings.model().description(SmallTrainer.VOCABULARY).config(),
            VectorKernels.create(),
            4);
    int[] tokens = tokens(9 * context + 1);
    ValidationWindows data =
        new ValidationWindows(TokenSequence.of(tokens, SmallTrainer.VOCABULARY), context);
    try (WorkerPool pool = new WorkerPool(workers)) {
      ParameterStore weights = transformer.initialize(1);
      WeightPanels panels = transformer.newPanels(false);
      panels.pack(pool, weights);
      Pass pass = transformer.newPass();
      double sum = 0;
      for (long first = 0; first < data.count(); first += 4) {
        int sequences = (int) Math.min(4, data.count() - first);
        int[] room = new int[sequences * (context + 1)];
        for (int i = 0; i < sequences; i++) {
          data.copy(first + i, room, i * (context + 1));
        }
        pass.bind(weights, panels, null);
        pass.withoutDropout();
        pass.batch().takeWindows(room, 0, sequences, context);
        sum += transformer.loss(pass);
      }
      Evaluator own = new Evaluator(transformer, pool, weights, panels, data);
      assertThat(own.evaluate(data, () -> false)).hasValue(sum / data.targets());
    }
    // A window takes what a window takes, on however many threads.
    long one = Evaluator.bytes(transformer, 1, 1);
    assertThat(Evaluator.bytes(transformer, 3, 1)).isEqualTo(one);
    assertThat(Evaluator.bytes(transformer, 8, 2)).isGreaterThan(2 * one - 100_000);
    assertThat(Evaluator.bytes(transformer, 4, 8)).isLessThan(Evaluator.bytes(transformer, 32, 8));
  }

  /** Also where one crew goes through a window in step: each is counted once. */
  @ParameterizedTest
  @CsvSource({"1, 1", "3, 1", "2, 3", "3, 3"})
  void tellsOfTheTargetsThatAreDone(int workers, int shards) {
    try (WorkerPool pool = new WorkerPool(workers)) {
      SmallTrainer run = SmallTrainer.of(SmallTrainer.layer().with(ConfigKey.SHARDS, shards), pool);
      ValidationWindows windows = windows(tokens(60 * CONTEXT + 5));
      Reports reports = new Reports();
      OptionalDouble told = run.trainer().evaluator().evaluate(windows, () -> false, reports);

      assertThat(told).isEqualTo(run.trainer().evaluator().evaluate(windows, () -> false));
      assertThat(reports.phases()).containsExactly(Phase.EVALUATING);
      assertThat(reports.of(Phase.EVALUATING).getLast().total()).isEqualTo(windows.targets());
      if (shards == 1) {
        // All workers are one crew, so the one that calls takes part in each task.
        assertThat(reports.mostInSilence(Phase.EVALUATING)).isLessThan(windows.targets() / 2);
      }
    }
  }

  /** Also where the members of a team ask at different times, and would get different answers. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void isGivenUpBetweenPasses(int workers) {
    try (WorkerPool pool = new WorkerPool(workers)) {
      SmallTrainer run = SmallTrainer.of(SmallTrainer.layer().with(ConfigKey.SHARDS, 1), pool);
      ValidationWindows windows = windows(tokens(60 * CONTEXT + 1));
      AtomicInteger asked = new AtomicInteger();

      assertThat(run.trainer().evaluator().evaluate(windows, () -> asked.incrementAndGet() > 2))
          .isEmpty();
    }
  }

  /** Dropout is on in training, and must not be in evaluation. */
  private static SmallTrainer trained(WorkerPool pool) {
    SmallTrainer run = SmallTrainer.of(SmallTrainer.layer().with(ConfigKey.SHARDS, 3), pool);
    for (int step = 0; step < 10; step++) {
      run.trainer().step(step, run.batch(step));
    }
    return run;
  }

  private static int[] tokens(int count) {
    return new SplittableRandom(3).ints(count, 0, SmallTrainer.VOCABULARY).toArray();
  }

  private static ValidationWindows windows(int[] tokens) {
    return new ValidationWindows(TokenSequence.of(tokens, SmallTrainer.VOCABULARY), CONTEXT);
  }

  private static OptionalDouble evaluate(Evaluator evaluator, int[] tokens) {
    return evaluator.evaluate(windows(tokens), () -> false);
  }

  /** Goes over the tokens itself, window by window, in float64. */
  private static double meanOfReference(SmallTrainer run, int[] tokens) {
    double[] weights = new double[run.weights().data().length];
    Arrays.setAll(weights, i -> run.weights().data()[i]);
    ReferenceTransformer reference =
        new ReferenceTransformer(run.transformer().config(), run.transformer().layout(), weights);
    double sum = 0;
    int targets = tokens.length - 1;
    for (int from = 0; from < targets; from += CONTEXT) {
      int to = Math.min(from + CONTEXT, targets);
      sum += Arrays.stream(reference.losses(Arrays.copyOfRange(tokens, from, to + 1), 1)).sum();
    }
    return sum / targets;
  }
}
