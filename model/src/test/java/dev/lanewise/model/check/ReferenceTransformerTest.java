package dev.lanewise.model.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.TestModel;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.layer.DoubleWeights;
import dev.lanewise.model.layer.GeluFeedForward;
import org.junit.jupiter.api.Test;

class ReferenceTransformerTest {

  @Test
  void geluHasKnownValues() {
    assertThat(gelu(0)).isZero();
    assertThat(gelu(1)).isCloseTo(0.8411919906082768, within(1e-15));
    assertThat(gelu(-1)).isCloseTo(-0.15880800939172324, within(1e-15));
    assertThat(gelu(3)).isCloseTo(2.996362607918227, within(1e-12));
  }

  /** A network between two projections that change nothing. */
  private static double gelu(double x) {
    ParameterLayout.Builder builder = ParameterLayout.builder();
    builder.add("gelu.up.weight", Role.HIDDEN, Initializer.ZEROS, true, 1, 1);
    builder.add("gelu.down.weight", Role.HIDDEN, Initializer.ZEROS, true, 1, 1);
    DoubleWeights weights = new DoubleWeights(builder.build(), new double[] {1, 1});
    GeluFeedForward.Choice choice = new GeluFeedForward.Choice(1, false);
    return choice.define(weights, "gelu", new double[][] {{x}})[0][0];
  }

  @Test
  void withoutWeightsEveryTokenIsEquallyLikely() {
    TransformerConfig config = TestModel.gpt2(7, 3, 4, 2, 1, 8, true, true, 0);
    ParameterLayout layout = new Transformer(config, ScalarKernels.create(), 1).layout();
    ReferenceTransformer model = new ReferenceTransformer(config, layout, new double[layout.size()]);

    assertThat(model.loss(new int[] {1, 2, 3, 4, 0, 6, 5, 5}, 2))
        .isCloseTo(Math.log(7), within(1e-15));
  }

  /** The future must not show: the first rows of a window are those of its beginning alone. */
  @Test
  void attentionIsCausal() {
    TransformerConfig config = TestModel.gpt2(7, 6, 8, 2, 2, 16, false, false, 0);
    ParameterLayout layout = new Transformer(config, ScalarKernels.create(), 1).layout();
    double[] weights = new double[layout.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.sin(i);
    }
    ReferenceTransformer model = new ReferenceTransformer(config, layout, weights);
    double[][] whole = model.logits(new int[] {3, 1, 4, 1, 5, 2}, 0);
    double[][] beginning = model.logits(new int[] {3, 1, 4}, 0);

    assertThat(whole[0]).containsExactly(beginning[0]);
    assertThat(whole[2]).containsExactly(beginning[2]);
    assertThat(whole[3]).isNotEqualTo(whole[1]);
  }
}
