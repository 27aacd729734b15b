package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.AdamW;
import jdk.incubator.vector.FloatVector;

/** AdamW: one pass over four arrays, bound by memory. */
final class VectorAdamW implements AdamW {

  @Override
  public void update(
      Step step, float decay, int n, int offset, float[] theta, float[] m, float[] v, float[] g) {
    FloatVector beta1 = FloatVector.broadcast(FLOATS, step.beta1());
    FloatVector beta2 = FloatVector.broadcast(FLOATS, step.beta2());
    FloatVector decays = FloatVector.broadcast(FLOATS, decay);
    FloatVector descent = FloatVector.broadcast(FLOATS, -step.learningRate());
    int end = offset + n;
    int i = offset;
    for (; i <= end - L; i += L) {
      FloatVector gradient = FloatVector.fromArray(FLOATS, g, i).mul(step.gradientScale());
      FloatVector first = gradient.mul(step.oneMinusBeta1());
      FloatVector second = gradient.mul(step.oneMinusBeta2()).mul(gradient);
      FloatVector mean = beta1.fma(FloatVector.fromArray(FLOATS, m, i), first);
      FloatVector square = beta2.fma(FloatVector.fromArray(FLOATS, v, i), second);
      mean.intoArray(m, i);
      square.intoArray(v, i);
      FloatVector root = square.mul(step.vCorrection()).sqrt().add(step.epsilon());
      FloatVector u = mean.mul(step.mCorrection()).div(root);
      FloatVector t = FloatVector.fromArray(FLOATS, theta, i);
      descent.fma(decays.fma(t, u), t).intoArray(theta, i);
    }
    for (; i < end; i++) {
      float gradient = g[i] * step.gradientScale();
      float first = step.oneMinusBeta1() * gradient;
      float second = (step.oneMinusBeta2() * gradient) * gradient;
      m[i] = Math.fma(step.beta1(), m[i], first);
      v[i] = Math.fma(step.beta2(), v[i], second);
      float root = (float) Math.sqrt(v[i] * step.vCorrection()) + step.epsilon();
      float u = (m[i] * step.mCorrection()) / root;
      theta[i] = Math.fma(-step.learningRate(), Math.fma(decay, theta[i], u), theta[i]);
    }
  }
}
