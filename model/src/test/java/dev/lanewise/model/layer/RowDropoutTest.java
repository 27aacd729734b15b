package dev.lanewise.model.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.TestModel;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.memory.RowGradients;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which rows of tables training leaves out. */
class RowDropoutTest {

  private static final NgramTable PAIRS = new NgramTable(2, 50);
  private static final NgramTable THREES = new NgramTable(3, 50);
  private static final int ROWS = 20_000;

  private static boolean[] kept(RandomMasks masks, NgramTable table, float rate) {
    boolean[] kept = new boolean[ROWS];
    for (int t = 0; t < ROWS; t++) {
      kept[t] = masks.keepsRow(table, rate, t);
    }
    return kept;
  }

  private static double share(boolean[] a, boolean[] b) {
    int same = 0;
    for (int i = 0; i < a.length; i++) {
      same += a[i] == b[i] ? 1 : 0;
    }
    return (double) same / a.length;
  }

  /** Five standard deviations of a count of so many, at most. */
  private static final double CHANCE = 5 * Math.sqrt(0.25 / ROWS);

  @ParameterizedTest
  @ValueSource(floats = {0, 0.1f, 0.5f, 0.9f})
  void asManyAsTheRateSays(float rate) {
    boolean[] all = new boolean[ROWS];
    Arrays.fill(all, true);
    assertThat(share(kept(RandomMasks.of(1, 3), PAIRS, rate), all))
        .isCloseTo(1 - rate, within(rate == 0 ? 1e-12 : CHANCE));
    assertThat(kept(RandomMasks.NONE, PAIRS, rate)).as("outside training").isEqualTo(all);
  }

  /** Of two that leave out half, half agree by chance. */
  @Test
  void tablesStepsAndSeedsDrawEachByItself() {
    boolean[] one = kept(RandomMasks.of(1, 3), PAIRS, 0.5f);
    assertThat(kept(RandomMasks.of(1, 3), PAIRS, 0.5f)).isEqualTo(one);
    for (boolean[] other :
        List.of(
            kept(RandomMasks.of(1, 3), THREES, 0.5f),
            kept(RandomMasks.of(1, 4), PAIRS, 0.5f),
            kept(RandomMasks.of(2, 3), PAIRS, 0.5f),
            kept(RandomMasks.of(1, 3).from(1), PAIRS, 0.5f))) {
      assertThat(share(one, other)).isCloseTo(0.5, within(CHANCE));
    }
  }

  /** With one token in all of a text a row is in the sum of a position, or gets no gradient. */
  @Test
  void aRowThatIsLeftOutGetsNoGradient() {
    TransformerConfig config =
        Families.STANDARD.named("lanewise").examples(0.2f).get(1).withDropout(0, 0.4f);
    TestModel model = new TestModel(config, VectorKernels.create(), 1);
    int time = config.contextLength();
    int[] window = model.randomWindows(1, time);
    RowGradients rows = model.rows(window, time, 1);
    model.pass.bind(model.weights, model.panels, model.gradients);
    model.pass.bindRows(rows, 0);
    model.pass.batch().takeWindows(window, 0, 1, time);
    model.pass.withDropout(9, 4, 100);
    model.transformer.lossAndGradients(model.pass, 1);
    RandomMasks masks = RandomMasks.of(9, 4).from(100);
    boolean[] read = new boolean[rows.count(0)];
    NgramTable table = config.paths().tables().getFirst();
    for (int t = 0; t < time; t++) {
      read[rows.slots(0)[t]] |= masks.keepsRow(table, 0.4f, t);
    }
    for (int slot = 0; slot < read.length; slot++) {
      int from = rows.gradients(0).offset(slot);
      float[] gradient =
          Arrays.copyOfRange(rows.gradients(0).data(), from, from + rows.gradients(0).columns());
      if (read[slot]) {
        assertThat(gradient).as("slot %d", slot).doesNotContain(0f);
      } else {
        assertThat(gradient).as("slot %d", slot).containsOnly(0f);
      }
    }
    assertThat(read).contains(true, false);
  }

  @Test
  void aModelWithoutTablesHasNone() {
    TransformerConfig plain = Families.STANDARD.named("lanewise").examples(0).get(2);
    assertThat(plain.withDropout(0, 0.4f)).isEqualTo(plain);
    Transformer transformer = new Transformer(plain, ScalarKernels.create(), 1);
    assertThat(transformer.rowTables()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(floats = {1, -0.1f, Float.NaN})
  void aRateIsAShare(float rate) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TokenPaths(List.of(PAIRS), rate, true, true, true))
        .withMessage("the dropout rate " + rate + " of tables is not in [0, 1)");
  }
}
