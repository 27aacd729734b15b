package dev.lanewise.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.parallel.Shards;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.RowGradients;
import dev.lanewise.trainer.fixture.SmallTrainer;
import dev.lanewise.trainer.optim.Glide;
import dev.lanewise.trainer.optim.LearningRateSchedule;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.token.TextWindows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rows that are moved when they are next needed, compared with Adam that moves all in each step.
 */
class TableTrainingTest {

  private static final double GREATEST_RATE = 3e-3;
  private static final int STEPS = 700;
  private static final float CLIP = 0.7f;
  private static final WorkerPool ALONE = new WorkerPool(1);

  @AfterAll
  static void close() {
    ALONE.close();
  }

  private static ConfigLayer layer() {
    return SmallTrainer.tables().with(ConfigKey.D_MODEL, 4).with(ConfigKey.SHARDS, 3);
  }

  private static double rate(long step) {
    return GREATEST_RATE * Math.min(1, (step + 1) / 20.0) * (1 - step / (STEPS + 1.0));
  }

  /** Tables whose gradients a test makes up. */
  private static final class Tables {

    private final Settings settings;
    private final Shards shards;
    private final ParameterStore weights;
    private final Transformer transformer;
    private final TableTraining training;
    private final WorkerPool pool;

    Tables(ConfigLayer layer, int vocabulary, WorkerPool pool) {
      this(layer, vocabulary, pool, TableTrainingTest::rate);
    }

    Tables(ConfigLayer layer, int vocabulary, WorkerPool pool, LearningRateSchedule schedule) {
      this.settings = layer.toSettings();
      this.shards = Trainer.shards(settings);
      this.pool = pool;
      this.transformer =
          new Transformer(
              settings.model().description(vocabulary).config(), ScalarKernels.create(), 1);
      this.weights = transformer.initialize(1);
      this.training =
          new TableTraining(
              settings, schedule, transformer, ScalarKernels.create(), shards, weights);
    }

    Tables(ConfigLayer layer) {
      this(layer, SmallTrainer.VOCABULARY, ALONE);
    }

    void begin(long step, int[][] ids) {
      TextWindows windows = new TextWindows(settings.step().batch(), settings.model().context());
      windows.take(ids);
      pool.run(
          shards.count(), (s, worker) -> training.touch(s, shards.from(s), shards.to(s), windows));
      training.begin(pool, step);
      for (int s = 0; s < shards.count(); s++) {
        for (int table = 0; table < transformer.rowTables().size(); table++) {
          RowGradients rows = training.gradients(s);
          Matrix gradients = rows.gradients(table);
          for (int slot = 0; slot < rows.count(table); slot++) {
            for (int j = 0; j < gradients.columns(); j++) {
              gradients.data()[gradients.offset(slot) + j] =
                  gradient(step, s, table, rows.row(table, slot), j);
            }
          }
        }
      }
    }

    double step(long step, int[][] ids) {
      begin(step, ids);
      double squares = training.reduce(pool);
      training.update(pool, step + 1, rate(step), CLIP);
      return squares;
    }

    /** As a step whose loss is not finite: nothing comes of it. */
    void skip(long step, int[][] ids) {
      begin(step, ids);
      training.reduce(pool);
    }

    /** Goes on from there in memory of its own. */
    Tables resumed(long steps, ConfigLayer layer) {
      return resumed(steps, new Tables(layer), true);
    }

    Tables resumed(long steps, Tables other, boolean sameRates) {
      training.settle(steps);
      List<OptimizerState> from = training.state();
      List<OptimizerState> to = other.training.state();
      for (int i = 0; i < from.size(); i++) {
        assertThat(to.get(i).name()).isEqualTo(from.get(i).name());
        copy(from.get(i).values(), to.get(i).values());
      }
      copy(weights, other.weights);
      other.training.restored(steps, sameRates);
      return other;
    }

    private static void copy(ParameterStore from, ParameterStore to) {
      assertThat(to.data()).hasSameSizeAs(from.data());
      System.arraycopy(from.data(), 0, to.data(), 0, to.data().length);
    }

    /** All bits that a checkpoint has. */
    List<int[]> bits() {
      List<int[]> bits = new ArrayList<>();
      bits.add(bits(weights.data()));
      for (OptimizerState state : training.state()) {
        bits.add(bits(state.values().data()));
      }
      return bits;
    }

    private static int[] bits(float[] values) {
      int[] bits = new int[values.length];
      Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
      return bits;
    }

    ParameterStore state(String name) {
      return training.state().stream()
          .filter(state -> state.name().equals(name))
          .findFirst()
          .orElseThrow()
          .values();
    }
  }

  /** Of either sign, and never so small that epsilon matters. */
  private static float gradient(long step, int shard, int table, int row, int column) {
    long seed = (((step * 31 + shard) * 31 + table) * 100_003 + row) * 31 + column;
    SplittableRandom random = new SplittableRandom(seed);
    float size = 0.5f + (float) random.nextDouble();
    return random.nextBoolean() ? size : -size;
  }

  /**
   * Four tokens for 40 steps, then others, so that rows rest for longer than they move and come
   * again.
   */
  private static int[][] ids(Settings settings, long step) {
    SplittableRandom random = new SplittableRandom(step);
    int window = settings.model().context() + 1;
    int[][] ids = new int[settings.step().accumulation()][settings.step().batch() * window];
    for (int[] micro : ids) {
      for (int i = 0; i < micro.length; i++) {
        int from = (int) (step / 40 % 7) * 4;
        micro[i] = random.nextInt(50) == 0 ? random.nextInt(29) : from + random.nextInt(4);
      }
    }
    return ids;
  }

  /** Adam in double, which moves each row in each step. */
  private static final class DenseAdam {

    private final Tables tables;
    private final List<double[][]> w = new ArrayList<>();
    private final List<double[][]> m = new ArrayList<>();
    private final List<double[][]> v = new ArrayList<>();
    private final List<int[]> touchedAt = new ArrayList<>();
    private final List<int[]> rests = new ArrayList<>();
    private final double beta1;
    private final double beta2;

    DenseAdam(Tables tables) {
      this.tables = tables;
      this.beta1 = tables.settings.optimizer().beta1();
      this.beta2 = tables.settings.beta2();
      for (var table : tables.transformer.rowTables()) {
        int columns = table.parameter().rowSize();
        int rows = table.parameter().size() / columns;
        w.add(new double[rows][columns]);
        m.add(new double[rows][columns]);
        v.add(new double[rows][columns]);
        touchedAt.add(new int[rows]);
        rests.add(new int[rows]);
      }
    }

    void step(int step, int[][] ids) {
      int still = Glide.steps(tables.settings);
      int context = tables.settings.model().context();
      for (int table = 0; table < w.size(); table++) {
        double[][] g = new double[w.get(table).length][w.get(table)[0].length];
        for (int s = 0; s < tables.shards.count(); s++) {
          boolean[] seen = new boolean[g.length];
          for (int[] micro : ids) {
            for (int b = tables.shards.from(s); b < tables.shards.to(s); b++) {
              for (int t = 0; t < context; t++) {
                int row =
                    tables.transformer.rowTables().get(table).row(micro, b * (context + 1) + t, t);
                for (int j = 0; j < g[row].length && !seen[row]; j++) {
                  g[row][j] += gradient(step, s, table, row, j);
                }
                seen[row] = true;
                int[] at = touchedAt.get(table);
                rests.get(table)[row] += at[row] > 0 && step - at[row] > still ? 1 : 0;
                at[row] = step + 1;
              }
            }
          }
        }
        update(step, w.get(table), m.get(table), v.get(table), g);
      }
    }

    private void update(int step, double[][] w, double[][] m, double[][] v, double[][] g) {
      double mCorrection = 1 / (1 - Math.pow(beta1, step + 1));
      double vCorrection = 1 / (1 - Math.pow(beta2, step + 1));
      for (int row = 0; row < w.length; row++) {
        for (int j = 0; j < w[row].length; j++) {
          double gradient = g[row][j] * CLIP;
          m[row][j] = beta1 * m[row][j] + (1 - beta1) * gradient;
          v[row][j] = beta2 * v[row][j] + (1 - beta2) * gradient * gradient;
          double root = Math.sqrt(v[row][j] * vCorrection);
          w[row][j] -= rate(step) * m[row][j] * mCorrection / (root + 1e-8);
        }
      }
    }

    /**
     * What {@link Glide} leaves out each time that a row comes to rest, by its own words, for the
     * greatest |m| / √v that there can be (Cauchy and Schwarz); and rounding.
     */
    void assertNear(int steps) {
      double ratio = beta1 / Math.sqrt(beta2);
      double greatest = (1 - beta1) / Math.sqrt(1 - beta2) / Math.sqrt(1 - beta1 * beta1 / beta2);
      double leftOut = 0x1p-14 / (1 - ratio) * GREATEST_RATE * greatest;
      for (int table = 0; table < w.size(); table++) {
        Parameter parameter = tables.transformer.rowTables().get(table).parameter();
        Matrix found = tables.weights.matrix(parameter);
        for (int row = 0; row < w.get(table).length; row++) {
          double bound = (rests.get(table)[row] + 1) * leftOut + 2e-6;
          for (int j = 0; j < found.columns(); j++) {
            assertThat((double) found.data()[found.offset(row) + j])
                .as("after %d steps, %s, row %d, column %d", steps, parameter.name(), row, j)
                .isCloseTo(w.get(table)[row][j], within(bound));
          }
        }
      }
    }

    int greatestRests() {
      return rests.stream().flatMapToInt(Arrays::stream).max().orElseThrow();
    }
  }

  @ParameterizedTest
  @CsvSource({"0.9, 0.99", "0.9, 0.95", "0.8, 0.999", "0.5, 0.9", "0, 0.9"})
  void aSettledRowIsWhereAdamHasIt(double beta1, double beta2) {
    assertNearAdam(new Tables(layer().with(ConfigKey.BETA1, beta1).with(ConfigKey.BETA2, beta2)));
  }

  @Test
  void soItIsWhereAHalfLifeDecidesBeta2() {
    Tables tables = new Tables(layer().with(ConfigKey.BETA2_HALF_LIFE, 2000.0));
    assertThat(tables.settings.beta2()).isBetween(0.97, 0.98);
    assertNearAdam(tables);
  }

  private static void assertNearAdam(Tables tables) {
    DenseAdam dense = new DenseAdam(tables);
    for (int step = 0; step < STEPS; step++) {
      int[][] ids = ids(tables.settings, step);
      tables.step(step, ids);
      dense.step(step, ids);
      if (step % 23 == 0 || step == STEPS - 1) {
        tables.training.settle(step + 1);
        dense.assertNear(step + 1);
      }
    }
    assertThat(dense.greatestRests()).as("rows come back after a rest").isPositive();
  }

  /** Of three shards with accumulation, so that rows are touched by all, some and one of them. */
  private static Tables train(Tables tables, LongPredicate settling) {
    for (int step = 0; step < 400; step++) {
      int[][] ids = ids(tables.settings, step);
      if (step % 17 == 5) {
        tables.skip(step, ids);
      } else {
        tables.step(step, ids);
      }
      if (settling.test(step)) {
        tables.training.settle(step + 1);
      }
    }
    tables.training.settle(400);
    return tables;
  }

  private static void assertSame(Tables found, Tables expected) {
    List<int[]> bits = found.bits();
    List<int[]> same = expected.bits();
    for (int i = 0; i < same.size(); i++) {
      assertThat(bits.get(i)).as("store " + i).isEqualTo(same.get(i));
    }
  }

  @Test
  void lookingChangesNoBit() {
    ConfigLayer layer = layer().with(ConfigKey.ACCUMULATION, 2);
    Tables never = train(new Tables(layer), step -> false);
    assertSame(train(new Tables(layer), step -> true), never);
    assertSame(train(new Tables(layer), step -> step % 13 == 0), never);
    Tables whole = new Tables(layer);
    List<int[]> before = train(whole, step -> false).bits();
    whole.training.settle(400);
    assertThat(whole.bits()).as("twice").usingRecursiveComparison().isEqualTo(before);
  }

  @Test
  void workersDoNotShow() {
    ConfigLayer layer = layer().with(ConfigKey.ACCUMULATION, 2);
    Tables one = train(new Tables(layer), step -> false);
    try (WorkerPool three = new WorkerPool(3)) {
      assertSame(
          train(new Tables(layer, SmallTrainer.VOCABULARY, three), step -> step % 7 == 0), one);
    }
  }

  @Test
  void itGoesOnFromACheckpointToTheSameBits() {
    Tables whole = train(new Tables(layer()), step -> false);
    Tables parts = new Tables(layer());
    for (int step = 0; step < 400; step++) {
      int[][] ids = ids(parts.settings, step);
      if (step % 17 == 5) {
        parts.skip(step, ids);
      } else {
        parts.step(step, ids);
      }
      if (step == 0 || step == 5 || step == 91 || step == 92 || step == 230 || step == 398) {
        parts = parts.resumed(step + 1, layer());
      }
    }
    parts.training.settle(400);
    assertSame(parts, whole);
  }

  /**
   * A run that is resumed for more steps than it was begun with. What was evaluated and saved is
   * what goes on.
   */
  @Test
  void otherRatesMoveNoRowBack() {
    Tables begun = new Tables(layer());
    for (int step = 0; step < 130; step++) {
      begun.step(step, ids(begun.settings, step));
    }
    begun.training.settle(130);
    float[] saved = begun.weights.data().clone();
    Tables higher = new Tables(layer(), SmallTrainer.VOCABULARY, ALONE, step -> 10 * rate(step));
    Tables resumed = begun.resumed(130, higher, false);
    resumed.begin(130, ids(resumed.settings, 130));
    assertThat(resumed.weights.data()).isEqualTo(saved);
    assertThat(resumed.state("rows.moving_numbers").data()).containsOnly(0f);

    // With the same rates after all, it is only rounded otherwise.
    Tables same = begun.resumed(130, new Tables(layer()), false);
    Tables expected = begun.resumed(130, layer());
    for (Tables each : List.of(same, expected)) {
      for (int step = 130; step < 300; step++) {
        each.step(step, ids(each.settings, step));
      }
      each.training.settle(300);
    }
    for (int i = 0; i < saved.length; i++) {
      assertThat(same.weights.data()[i]).isCloseTo(expected.weights.data()[i], within(5e-5f));
    }
  }

  /** After its end a row does not move, and its first moment is gone. */
  @Test
  void aRowComesToRest() {
    Tables tables = new Tables(layer());
    int[][] first = ids(tables.settings, 0);
    tables.step(0, first);
    int[][] other = new int[1][first[0].length];
    Arrays.fill(other[0], 28);
    int steps = Glide.steps(tables.settings);
    float[][] weights = new float[3][];
    for (int step = 1; step < steps + 60; step++) {
      tables.step(step, other);
      if (step == steps || step == steps + 1 || step == steps + 58) {
        tables.training.settle(step + 1);
        int which = step == steps ? 0 : step == steps + 1 ? 1 : 2;
        weights[which] = pairs(tables, first[0]);
      }
    }
    float[] m = tables.state("rows.exp_avg").tensor("ngrams.2.weight").toArray();
    int row = tables.transformer.rowTables().getFirst().row(first[0], 0, 0);
    assertThat(weights[1]).isEqualTo(weights[2]).doesNotContain(0f);
    assertThat(weights[0]).usingComparatorWithPrecision(1e-6f).containsExactly(weights[1]);
    for (int j = 0; j < 4; j++) {
      assertThat(Math.abs(m[row * 4 + j])).isEqualTo(0f);
    }
    assertThat(tables.state("rows.step").tensor("ngrams.2.weight").get(row)).isEqualTo(-1f);
  }

  private static float[] pairs(Tables tables, int[] ids) {
    var table = tables.transformer.rowTables().getFirst();
    Matrix weights = tables.weights.matrix(table.parameter());
    int from = weights.offset(table.row(ids, 0, 0));
    return Arrays.copyOfRange(weights.data(), from, from + weights.columns());
  }

  /**
   * Rows that no other step touches, and a look right after a step that was skipped: then more rows
   * are on their way than steps touch in the time that a row moves.
   */
  @Test
  void thereIsRoomForAllRowsThatMove() {
    ConfigLayer layer =
        layer()
            .with(ConfigKey.NGRAMS, "2:100000,3:100000")
            .with(ConfigKey.BATCH, 1)
            .with(ConfigKey.SHARDS, 1)
            .with(ConfigKey.CONTEXT, 2);
    Tables looking = new Tables(layer, 300, ALONE);
    Tables never = new Tables(layer, 300, ALONE);
    for (Tables tables : List.of(looking, never)) {
      for (int step = 0; step < 140; step++) {
        int[][] ids = {{step, step, 0}};
        if (step == 100) {
          tables.skip(step, ids);
        } else {
          tables.step(step, ids);
        }
        if (tables == looking) {
          tables.training.settle(step + 1);
        }
      }
      tables.training.settle(140);
    }
    assertSame(looking, never);
  }

  /** Shards that touch a row, in the order of the tree. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 6})
  void gradientsOfShardsAreAddedByTheTree(int shards) {
    Tables tables = new Tables(layer().with(ConfigKey.SHARDS, shards));
    int[][] ids = new int[1][tables.settings.step().batch() * 14];
    for (int i = 0; i < ids[0].length; i++) {
      ids[0][i] = i % 14;
    }
    double squares = tables.step(0, ids);
    double expected = 0;
    float[] m = tables.state("rows.exp_avg").tensor("ngrams.2.weight").toArray();
    for (int table = 0; table < 2; table++) {
      for (int slot = 0; slot < tables.training.gradients(0).count(table); slot++) {
        int row = tables.training.gradients(0).row(table, slot);
        for (int j = 0; j < 4; j++) {
          float sum = tree(shards, table, row, j);
          expected += (double) sum * sum;
          if (table == 0) {
            assertThat(m[row * 4 + j]).isEqualTo((float) (1 - 0.9) * (sum * CLIP));
          }
        }
      }
    }
    assertThat(squares).isCloseTo(expected, within(1e-12 * expected));
  }

  private static float tree(int shards, int table, int row, int column) {
    float[] sums = new float[shards];
    for (int s = 0; s < shards; s++) {
      sums[s] = gradient(0, s, table, row, column);
    }
    for (int stride = 1; stride < shards; stride *= 2) {
      for (int s = 0; s + stride < shards; s += 2 * stride) {
        sums[s] += sums[s + stride];
      }
    }
    return sums[0];
  }

  @Test
  void aBadGradientIsFoundByItsRow() {
    Tables tables = new Tables(layer());
    tables.step(0, ids(tables.settings, 0));
    tables.begin(1, ids(tables.settings, 1));
    RowGradients rows = tables.training.gradients(1);
    Matrix gradients = rows.gradients(1);
    gradients.data()[gradients.offset(rows.count(1) - 1) + 2] = Float.NaN;
    assertThat(tables.training.reduce(ALONE)).isNaN();
    assertThat(tables.training.firstBadGradient())
        .isEqualTo(
            "the gradient of row %d of ngrams.3.weight (backward)"
                .formatted(rows.row(1, rows.count(1) - 1)));
  }

  @Test
  void aStateThatNoTrainingComesToIsRefused() {
    Tables tables = new Tables(layer());
    for (int step = 0; step < 3; step++) {
      tables.step(step, ids(tables.settings, step));
    }
    tables.training.settle(3);
    assertThatCode(() -> tables.training.restored(3, true)).doesNotThrowAnyException();
    assertRefused(
        tables, "rows.step", 5, 4, "row 5 of ngrams.2.weight was changed after 4.0 steps of 3");
    assertRefused(tables, "rows.step", 5, -4, "was changed after -4.0 steps of 3");
    assertRefused(tables, "rows.step", 5, 1.5f, "was changed after 1.5 steps of 3");
    assertRefused(tables, "rows.moving_numbers", 0, 1e9f, "no row of ngrams.2.weight that moves");
    assertRefused(tables, "rows.moving_numbers", 0, -1, "-1.0, after 0.0, is no row");
    assertRefused(tables, "rows.moving_numbers", 0, 0, "after 0.0, is no row");
    assertRefused(tables, "rows.moving_numbers", 1, 1, "1.0, after ");
    assertRefused(tables, "rows.moving_numbers", 0, 0.5f, "0.5, after 0.0, is no row");
    assertThatCode(() -> tables.training.restored(3, true)).doesNotThrowAnyException();
  }

  private static void assertRefused(
      Tables tables, String state, int element, float value, String message) {
    float[] values = tables.state(state).data();
    float before = values[element];
    values[element] = value;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tables.training.restored(3, true))
        .withMessageContaining(message);
    values[element] = before;
  }

  @Test
  void betasThatHaveNoEndAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new Tables(layer().with(ConfigKey.BETA1, 0.95).with(ConfigKey.BETA2, 0.9)))
        .withMessageContainingAll("--beta2 0.9 ", "--beta1 0.95", "take more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Tables(layer().with(ConfigKey.BETA2_HALF_LIFE, 1.0)))
        .withMessageContainingAll("--beta2-half-life 1.0 ", "--beta1 0.9");
  }

  /** The half-life decides, not beta2. */
  @Test
  void theSquaresAreForgottenAsTheSettingsSay() {
    Tables tables = new Tables(layer().with(ConfigKey.BETA2_HALF_LIFE, 2000.0));
    double beta2 = Math.pow(2, -6 * 13 / 2000.0);
    int[][] ids = ids(tables.settings, 0);
    tables.step(0, ids);
    int row = tables.transformer.rowTables().getFirst().row(ids[0], 0, 0);
    float m = tables.state("rows.exp_avg").tensor("ngrams.2.weight").get(row * 4);
    float v = tables.state("rows.exp_avg_sq").tensor("ngrams.2.weight").get(row * 4);
    double g = m / 0.1;
    assertThat((double) v).isCloseTo((1 - beta2) * g * g, within(1e-6 * v));
  }
}
