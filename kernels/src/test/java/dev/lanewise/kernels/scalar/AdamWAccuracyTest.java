package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.U;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.AdamWUpdate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** AdamW against the same formulas in double; the step's scalars, already floats, are inputs. */
class AdamWAccuracyTest {

  private final AdamWUpdate adamW = ScalarKernels.create().adamW();

  @ParameterizedTest
  @CsvSource({"1, 0", "1, 0.1", "10, 0.1", "1000, 0.01"})
  void update(long t, float decay) {
    int n = 1000;
    AdamWUpdate.Step step = AdamWUpdate.Step.of(3e-4, 0.9, 0.999, 1e-8, 0.7, t);
    float[] theta = Rounding.normal(1, n, 0.5f);
    float[] m = Rounding.normal(2, n, 1e-2f);
    float[] v = Rounding.normal(3, n, 1e-4f);
    float[] g = Rounding.normal(4, n, 1e-2f);
    for (int i = 0; i < n; i++) {
      v[i] = Math.abs(v[i]);
    }
    float[] thetaBefore = theta.clone();
    float[] mBefore = m.clone();
    float[] vBefore = v.clone();
    adamW.update(step, decay, n, 0, theta, g, 0, m, v);
    for (int i = 0; i < n; i++) {
      double gradient = (double) g[i] * step.gradientScale();
      double first = step.oneMinusBeta1() * gradient;
      double mean = (double) step.beta1() * mBefore[i] + first;
      double meanError = 2 * U * Math.abs(first) + U * Math.abs(mean);
      Rounding.assertWithin("m", m[i], mean, meanError);
      double second = step.oneMinusBeta2() * gradient * gradient;
      double square = (double) step.beta2() * vBefore[i] + second;
      double squareError = 4 * U * second + U * square;
      Rounding.assertWithin("v", v[i], square, squareError);
      double root = Math.sqrt(square * step.vCorrection());
      double denominator = root + step.epsilon();
      // Half of the error under the root, and the roundings of the product, the root and the sum.
      double denominatorError = 0.5 * (squareError / square + U) + 2 * U;
      double u = mean * step.mCorrection() / denominator;
      double uError =
          meanError * step.mCorrection() / denominator + Math.abs(u) * (denominatorError + 2 * U);
      double direction = decay * (double) thetaBefore[i] + u;
      double exact = thetaBefore[i] - step.learningRate() * direction;
      double bound = step.learningRate() * (uError + U * Math.abs(direction)) + U * Math.abs(exact);
      Rounding.assertWithin("theta", theta[i], exact, bound);
    }
  }

  @Test
  void firstStepMovesByTheLearningRateAgainstTheGradient() {
    AdamWUpdate.Step step = AdamWUpdate.Step.of(0.125, 0.9, 0.999, 1e-8, 1, 1);
    float[] theta = {1f, 1f};
    adamW.update(step, 0f, 2, 0, theta, new float[] {3f, -0.01f}, 0, new float[2], new float[2]);
    assertThat(theta[0]).isCloseTo(0.875f, within(1e-5f));
    assertThat(theta[1]).isCloseTo(1.125f, within(1e-5f));
  }
}
