package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.SiluGate;
import dev.lanewise.kernels.scalar.ScalarMath;
import jdk.incubator.vector.FloatVector;

/**
 * The SiLU gate a vector at a time, the last few elements of a row as the scalar definition does,
 * for the reason that {@link VectorGelu} gives.
 */
final class VectorSiluGate implements SiluGate {

  @Override
  public void forward(int row, int rows, Matrix gate, Matrix up, Matrix y) {
    int n = y.columns();
    for (int r = row; r < row + rows; r++) {
      forward(n, gate.data(), gate.offset(r), up.data(), up.offset(r), y.data(), y.offset(r));
    }
  }

  private static void forward(
      int n, float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset) {
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector g = FloatVector.fromArray(FLOATS, gate, gateOffset + j);
      FloatVector u = FloatVector.fromArray(FLOATS, up, upOffset + j);
      g.mul(sigmoid(g)).mul(u).intoArray(y, yOffset + j);
    }
    for (; j < n; j++) {
      float g = gate[gateOffset + j];
      y[yOffset + j] = (g * sigmoid(g)) * up[upOffset + j];
    }
  }

  @Override
  public void backward(
      int row, int rows, Matrix gate, Matrix up, Matrix dy, Matrix dGate, Matrix dUp) {
    int n = dy.columns();
    for (int r = row; r < row + rows; r++) {
      backward(
          n,
          gate.data(),
          gate.offset(r),
          up.data(),
          up.offset(r),
          dy.data(),
          dy.offset(r),
          dGate.data(),
          dGate.offset(r),
          dUp.data(),
          dUp.offset(r));
    }
  }

  private static void backward(
      int n,
      float[] gate,
      int gateOffset,
      float[] up,
      int upOffset,
      float[] dy,
      int dyOffset,
      float[] dGate,
      int dGateOffset,
      float[] dUp,
      int dUpOffset) {
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector g = FloatVector.fromArray(FLOATS, gate, gateOffset + j);
      FloatVector u = FloatVector.fromArray(FLOATS, up, upOffset + j);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyOffset + j);
      FloatVector s = sigmoid(g);
      FloatVector z = g.mul(s);
      FloatVector slope = z.fma(FloatVector.broadcast(FLOATS, 1f).sub(s), s);
      d.mul(z).intoArray(dUp, dUpOffset + j);
      d.mul(u).mul(slope).intoArray(dGate, dGateOffset + j);
    }
    for (; j < n; j++) {
      float g = gate[gateOffset + j];
      float d = dy[dyOffset + j];
      float s = sigmoid(g);
      float z = g * s;
      float u = up[upOffset + j];
      dUp[dUpOffset + j] = d * z;
      dGate[dGateOffset + j] = (d * u) * Math.fma(z, 1f - s, s);
    }
  }

  private static float sigmoid(float g) {
    return 1f / (1f + ScalarMath.exp(-g));
  }

  private static FloatVector sigmoid(FloatVector g) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    return one.div(VectorMath.exp(g.neg()).add(one));
  }
}
