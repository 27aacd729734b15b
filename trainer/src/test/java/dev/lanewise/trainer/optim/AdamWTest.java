package dev.lanewise.trainer.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.vector.VectorKernels;
import org.junit.jupiter.api.Test;

/** The optimizer against the formulas, in double. */
class AdamWTest {

  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.99;
  private static final double RATE = 0.01;
  private static final double SCALE = 0.5;

  private static double[] expected(double[] weights, double decay, int steps) {
    double[] theta = weights.clone();
    double[] m = new double[theta.length];
    double[] v = new double[theta.length];
    for (int t = 1; t <= steps; t++) {
      for (int i = 0; i < theta.length; i++) {
        double g = gradient(i, t) * SCALE;
        m[i] = BETA_1 * m[i] + (1 - BETA_1) * g;
        v[i] = BETA_2 * v[i] + (1 - BETA_2) * g * g;
        double mHat = m[i] / (1 - Math.pow(BETA_1, t));
        double vHat = v[i] / (1 - Math.pow(BETA_2, t));
        theta[i] -= RATE * (mHat / (Math.sqrt(vHat) + 1e-8) + decay * theta[i]);
      }
    }
    return theta;
  }

  private static double gradient(int i, int t) {
    return Math.sin(i * 0.7 + t);
  }

  @Test
  void followsTheFormulasAndDecaysMatricesOnly() {
    ParameterLayout.Builder builder = ParameterLayout.builder();
    builder.add("matrix", 5, 7);
    builder.add("bias", 11);
    ParameterLayout layout = builder.build();
    ParameterStore weights = new ParameterStore(layout);
    double[] initial = new double[layout.size()];
    for (int i = 0; i < initial.length; i++) {
      weights.data()[i] = (float) Math.cos(i);
      initial[i] = weights.data()[i];
    }
    double[] withDecay = expected(initial, 0.1, 20);
    double[] without = expected(initial, 0, 20);
    AdamW optimizer = new AdamW(layout, VectorKernels.create(), BETA_1, BETA_2, 1e-8, 0.1);
    float[] gradients = new float[layout.size()];
    for (int t = 1; t <= 20; t++) {
      for (int i = 0; i < gradients.length; i++) {
        gradients[i] = (float) gradient(i, t);
      }
      optimizer.begin(t, RATE, SCALE);
      for (Parameter parameter : layout.parameters()) {
        int offset = parameter.offset();
        int half = parameter.size() / 2;
        int rest = parameter.size() - half;
        optimizer.update(parameter, offset, half, weights.data(), gradients);
        optimizer.update(parameter, offset + half, rest, weights.data(), gradients);
      }
    }
    for (int i = 0; i < initial.length; i++) {
      double want = i < 35 ? withDecay[i] : without[i];
      assertThat((double) weights.data()[i]).as("element %d", i).isEqualTo(want, within(2e-6));
    }
  }

  @Test
  void clippingScalesOnlyWhatIsTooLong() {
    GradientClip clip = new GradientClip(1.0);
    assertThat(clip.scale(0.5)).isEqualTo(1);
    assertThat(clip.scale(1.0)).isEqualTo(1);
    assertThat(clip.scale(4.0)).isEqualTo(1 / (4 + 1e-8));
    assertThat(new GradientClip(0).scale(1e9)).isEqualTo(1);
  }
}
