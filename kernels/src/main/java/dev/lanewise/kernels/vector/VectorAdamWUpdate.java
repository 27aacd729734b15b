package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.AdamWUpdate;
import jdk.incubator.vector.FloatVector;

/** AdamW: one pass over four arrays, bound by memory. */
final class VectorAdamWUpdate implements AdamWUpdate {

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
    update(step, decay, n, theta, offset, m, stateOffset, v, stateOffset, g, offset);
  }

  /** As the operation, where each array has a place of its own. */
  static void update(
      Step step,
      float decay,
      int n,
      float[] theta,
      int thetaOffset,
      float[] m,
      int mOffset,
      float[] v,
      int vOffset,
      float[] g,
      int gOffset) {
    FloatVector beta1 = FloatVector.broadcast(FLOATS, step.beta1());
    FloatVector beta2 = FloatVector.broadcast(FLOATS, step.beta2());
    FloatVector decays = FloatVector.broadcast(FLOATS, decay);
    FloatVector descent = FloatVector.broadcast(FLOATS, -step.learningRate());
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector gradient =
          FloatVector.fromArray(FLOATS, g, gOffset + i).mul(step.gradientScale());
      FloatVector first = gradient.mul(step.oneMinusBeta1());
      FloatVector second = gradient.mul(step.oneMinusBeta2()).mul(gradient);
      FloatVector mean = beta1.fma(FloatVector.fromArray(FLOATS, m, mOffset + i), first);
      FloatVector square = beta2.fma(FloatVector.fromArray(FLOATS, v, vOffset + i), second);
      mean.intoArray(m, mOffset + i);
      square.intoArray(v, vOffset + i);
      FloatVector root = square.mul(step.vCorrection()).sqrt().add(step.epsilon());
      FloatVector u = mean.mul(step.mCorrection()).div(root);
      FloatVector t = FloatVector.fromArray(FLOATS, theta, thetaOffset + i);
      descent.fma(decays.fma(t, u), t).intoArray(theta, thetaOffset + i);
    }
    for (; i < n; i++) {
      float gradient = g[gOffset + i] * step.gradientScale();
      float first = step.oneMinusBeta1() * gradient;
      float second = (step.oneMinusBeta2() * gradient) * gradient;
      float mean = Math.fma(step.beta1(), m[mOffset + i], first);
      float square = Math.fma(step.beta2(), v[vOffset + i], second);
      m[mOffset + i] = mean;
      v[vOffset + i] = square;
      float root = (float) Math.sqrt(square * step.vCorrection());
      float u = (mean * step.mCorrection()) / (root + step.epsilon());
      float t = theta[thetaOffset + i];
      theta[thetaOffset + i] = Math.fma(-step.learningRate(), Math.fma(decay, t, u), t);
    }
  }
}
