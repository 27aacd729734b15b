package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.AdamWUpdate;
import dev.lanewise.kernels.scalar.ScalarKernels;
import jdk.incubator.vector.FloatVector;

/** AdamW: one pass over four arrays, bound by memory; the last few elements by the definition. */
final class VectorAdamWUpdate implements AdamWUpdate {

  private final AdamWUpdate scalar = ScalarKernels.create().adamW();

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
    scalar.update(step, decay, end - i, i, theta, m, v, g);
  }
}
