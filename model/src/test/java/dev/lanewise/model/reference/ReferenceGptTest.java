package dev.lanewise.model.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.model.GptConfig;
import org.junit.jupiter.api.Test;

class ReferenceGptTest {

  @Test
  void geluHasKnownValues() {
    assertThat(ReferenceGpt.gelu(0)).isZero();
    assertThat(ReferenceGpt.gelu(1)).isCloseTo(0.8411919906082768, within(1e-15));
    assertThat(ReferenceGpt.gelu(-1)).isCloseTo(-0.15880800939172324, within(1e-15));
    assertThat(ReferenceGpt.gelu(3)).isCloseTo(2.996362607918227, within(1e-12));
  }

  @Test
  void withoutWeightsEveryTokenIsEquallyLikely() {
    GptConfig config = new GptConfig(7, 3, 4, 2, 1, 8, true, true, 0);
    ParameterLayout layout = GptLayouts.of(config);
    ReferenceGpt model = new ReferenceGpt(config, layout, new double[layout.size()]);

    assertThat(model.loss(new int[] {1, 2, 3, 4, 0, 6, 5, 5}, 2))
        .isCloseTo(Math.log(7), within(1e-15));
  }

  /** The future must not show: the first rows of a window are those of its beginning alone. */
  @Test
  void attentionIsCausal() {
    GptConfig config = new GptConfig(7, 6, 8, 2, 2, 16, false, false, 0);
    ParameterLayout layout = GptLayouts.of(config);
    double[] weights = new double[layout.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.sin(i);
    }
    ReferenceGpt model = new ReferenceGpt(config, layout, weights);
    double[][] whole = model.logits(new int[] {3, 1, 4, 1, 5, 2}, 0);
    double[][] beginning = model.logits(new int[] {3, 1, 4}, 0);

    assertThat(whole[0]).containsExactly(beginning[0]);
    assertThat(whole[2]).containsExactly(beginning[2]);
    assertThat(whole[3]).isNotEqualTo(whole[1]);
  }
}
