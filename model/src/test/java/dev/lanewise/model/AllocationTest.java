package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.family.AdapterConfig;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.family.Family;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.layer.CrossEntropyLoss;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.RowGradients;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The steady state allocates nothing: neither C2 nor a layer forgets it. */
@Tag("allocation")
class AllocationTest {

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int SEQUENCES = 2;
  private static final int TIME = 13;

  /** Rounds that are looked at together, and how many of them have to allocate nothing. */
  private static final int ROUNDS = 50;

  private static final int CLEAN = 45;

  /** A step that still allocates after this time would do so for ever. */
  private static final long GIVE_UP_NANOS = 150_000_000_000L;

  @ParameterizedTest
  @EnumSource(
      value = Use.class,
      names = {"TRAINING", "RECOMPUTING"})
  void aStepAllocatesNothingWhenWarm(Use use) {
    assertStepIsClean(TestModel.config(true, true, 0.1f), use);
  }

  @Test
  void packedDocumentsAllocateNothingEither() {
    TransformerConfig config = TestModel.config(true, true, 0.1f);
    TestModel model = new TestModel(config, VectorKernels.create(), SEQUENCES);
    int[] ids = model.randomWindows(SEQUENCES, TIME);
    int[][] lengths = {{TIME, 1, 7, 5}, {3, 3, 3}};
    assertCleanWhenWarm(
        () -> {
          for (int[] each : lengths) {
            model.pass.batch().takeDocuments(ids, ids, 0, each, 0, each.length);
            model.pass.withDropout(1, 1, 0);
            model.transformer.lossAndGradients(model.pass, 1f);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void norDoesAStepWithASampledSoftmax(boolean tiedHead) {
    assertStepIsClean(
        TestModel.config(true, tiedHead, 0.1f).withLoss(new CrossEntropyLoss.Choice(20, 0.75f)),
        Use.TRAINING);
  }

  @Test
  void norDoesAStepOfAnAdapter() {
    Family llama = Families.STANDARD.named("llama");
    TransformerConfig config = llama.examples(0.1f).getLast();
    ModelDescription described = new ModelDescription(llama, config);
    List<String> targets = List.of("q_proj", "v_proj", "down_proj");
    assertStepIsClean(
        new TestModel(
            new Transformer(
                config,
                VectorKernels.create(),
                SEQUENCES,
                config.contextLength(),
                new AdapterConfig(4, 8, 0.1, targets, "").adaptation(described))),
        Use.TRAINING);
  }

  private static void assertStepIsClean(TransformerConfig config, Use use) {
    assertStepIsClean(new TestModel(config, VectorKernels.create(), SEQUENCES), use);
  }

  private static void assertStepIsClean(TestModel model, Use use) {
    TransformerConfig config = model.transformer.config();
    int time = Math.min(TIME, config.contextLength());
    int[] windows = model.randomWindows(SEQUENCES, time);
    Pass pass = model.transformer.newPasses(use, Team.alone())[0];
    RowGradients rows = model.rows(windows, time, SEQUENCES);
    pass.bind(model.weights, model.panels, model.gradients);
    pass.bindRows(rows, 0);
    assertCleanWhenWarm(
        () -> {
          rows.clear();
          rows.touch(windows, 0, SEQUENCES, time, time + 1);
          pass.batch().takeWindows(windows, 0, SEQUENCES, time);
          pass.withDropout(1, 1, 0);
          pass.withSampledSoftmax(config.loss().sampled() > 0);
          model.transformer.lossAndGradients(pass, 1f);
          pass.withoutDropout();
          model.transformer.loss(pass);
        });
  }

  /**
   * Rotary positions, RMSNorm, gates, norms of heads, shared heads, blocks side by side, tables.
   */
  @ParameterizedTest
  @MethodSource("examples")
  void aStepOfEachFamilyAllocatesNothingWhenWarm(TransformerConfig config) {
    assertStepIsClean(config, Use.TRAINING);
  }

  static Stream<TransformerConfig> examples() {
    return Families.STANDARD.all().stream()
        .flatMap(
            family ->
                Stream.concat(
                    Stream.of(family.examples(0.1f).getLast()),
                    family.examples(0.1f).stream()
                        .filter(config -> !config.paths().tables().isEmpty())))
        .distinct();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void aTokenOfEachFamilyAllocatesNothingWhenWarm(TransformerConfig config) {
    TestModel model = new TestModel(config, VectorKernels.create(), 1);
    int time = Math.min(TIME, config.contextLength());
    try (WorkerPool pool = new WorkerPool(1)) {
      for (Precision precision : List.of(Precision.F32, Precision.BF16)) {
        Decoder decoder =
            model.transformer.newDecoder(model.weights, model.panels, precision, pool);
        assertCleanWhenWarm(
            () -> {
              decoder.reset();
              for (int t = 0; t < time; t++) {
                decoder.accept(t);
              }
            });
      }
    }
  }

  /** Rounds in a row are clean often enough, and those after them again: it was not chance. */
  private static void assertCleanWhenWarm(Runnable round) {
    long end = System.nanoTime() + GIVE_UP_NANOS;
    int clean;
    do {
      clean = cleanRounds(round);
    } while (clean < CLEAN && System.nanoTime() < end);
    assertThat(clean)
        .as("rounds of %d that allocate nothing", ROUNDS)
        .isGreaterThanOrEqualTo(CLEAN);
    assertThat(cleanRounds(round)).as("of the next").isGreaterThanOrEqualTo(CLEAN);
  }

  private static int cleanRounds(Runnable round) {
    int clean = 0;
    for (int i = 0; i < ROUNDS; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      round.run();
      clean += THREADS.getCurrentThreadAllocatedBytes() == before ? 1 : 0;
    }
    return clean;
  }
}
