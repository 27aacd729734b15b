package dev.lanewise.trainer.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.memory.WeightPanels.Piece;
import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Settings;
import java.util.ArrayList;
import java.util.List;
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
    Parameter matrix = builder.add("matrix", Role.HIDDEN, Initializer.ZEROS, true, 5, 7);
    Parameter bias = builder.add("bias", Role.BIAS, Initializer.ZEROS, true, 11);
    ParameterLayout layout = builder.build();
    ParameterStore weights = new ParameterStore(layout);
    double[] initial = new double[layout.size()];
    for (int i = 0; i < initial.length; i++) {
      weights.data()[i] = (float) Math.cos(i);
      initial[i] = weights.data()[i];
    }
    double[] withDecay = expected(initial, 0.1, 20);
    double[] without = expected(initial, 0, 20);
    List<Piece> pieces =
        List.of(
            new Piece(matrix, 0, 14, 0, 2),
            new Piece(matrix, 14, 21, 2, 3),
            new Piece(bias, 35, 11, 0, 1));
    Settings settings =
        SmallSettings.layer()
            .with(ConfigKey.BETA1, BETA_1)
            .with(ConfigKey.BETA2, BETA_2)
            .with(ConfigKey.WEIGHT_DECAY, 0.1)
            .toSettings();
    Optimizer optimizer =
        Optimizers.STANDARD
            .named("adamw")
            .create(settings, layout, pieces, VectorKernels.create(), 1);
    List<Piece> updated = new ArrayList<>();
    ParameterStore gradients = new ParameterStore(layout);
    for (int t = 1; t <= 20; t++) {
      for (int i = 0; i < gradients.data().length; i++) {
        gradients.data()[i] = (float) gradient(i, t);
      }
      optimizer.begin(t, RATE, SCALE);
      updated.clear();
      for (int task = 0; task < optimizer.tasks(); task++) {
        optimizer.update(task, 0, weights, gradients, updated::add);
      }
      assertThat(updated).isEqualTo(pieces);
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

  @Test
  void weightDecayIsForMatrices() {
    assertThat(Role.values())
        .filteredOn(DecayGroups::decays)
        .containsExactly(Role.EMBEDDING, Role.HIDDEN, Role.ADAPTER, Role.HEAD);
  }
}
