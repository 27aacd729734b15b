package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.AdamWUpdate;

/** AdamW in plain loops. */
final class ScalarAdamWUpdate implements AdamWUpdate {

  @Override
  public void update(
      Step step,
      float decay,
      int n,
      int offset,
      float[] theta,
      float[] g,
      int stateOffset,
      float[] m,
      float[] v) {
    for (int e = 0; e < n; e++) {
      int i = stateOffset + e;
      float gradient = g[offset + e] * step.gradientScale();
      float first = step.oneMinusBeta1() * gradient;
      float second = (step.oneMinusBeta2() * gradient) * gradient;
      m[i] = Math.fma(step.beta1(), m[i], first);
      v[i] = Math.fma(step.beta2(), v[i], second);
      float root = (float) Math.sqrt(v[i] * step.vCorrection());
      float u = (m[i] * step.mCorrection()) / (root + step.epsilon());
      float t = theta[offset + e];
      theta[offset + e] = Math.fma(-step.learningRate(), Math.fma(decay, t, u), t);
    }
  }
}
