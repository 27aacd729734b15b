package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.RmsNorm;

/**
 * Root mean square normalisation: the passes of layer normalisation with a mean of zero, which
 * changes no bit of what is left.
 */
final class VectorRmsNorm implements RmsNorm {

  /** A mean of zero for any row. */
  private static final Matrix ZERO = Matrix.row(new float[1], 0, 1);

  @Override
  public void forward(
      int row, int rows, float epsilon, Matrix x, Matrix gain, Matrix y, Matrix rms) {
    int n = x.columns();
    float inverse = 1f / n;
    float[] in = x.data();
    for (int r = row; r < row + rows; r++) {
      int from = x.offset(r);
      float meanSquare = VectorLanes.squaredDifferences(n, in, from, 0f) * inverse;
      float s = 1f / (float) Math.sqrt(meanSquare + epsilon);
      rms.data()[rms.offset(r)] = s;
      VectorLayerNorm.scale(
          n, 0f, s, in, from, gain.data(), gain.offset(), y.data(), y.offset(r));
    }
  }

  @Override
  public void backward(
      int row, int rows, Matrix x, Matrix gain, Matrix rms, Matrix dy, Matrix dx) {
    int n = x.columns();
    float inverse = 1f / n;
    float[] in = x.data();
    float[] g = gain.data();
    int gAt = gain.offset();
    float[] d = dy.data();
    for (int r = row; r < row + rows; r++) {
      int xAt = x.offset(r);
      int dAt = dy.offset(r);
      float s = rms.data()[rms.offset(r)];
      float b = VectorLanes.normalizedDot(n, d, dAt, g, gAt, in, xAt, 0f, s) * inverse;
      VectorLayerNorm.backwardRow(
          n, in, xAt, g, gAt, 0f, s, 0f, b, d, dAt, dx.data(), dx.offset(r));
    }
  }

  @Override
  public void gainGradient(
      int rows, int fromColumn, int toColumn, Matrix x, Matrix rms, Matrix dy, Matrix dGain) {
    VectorLayerNorm.gainGradients(rows, fromColumn, toColumn, x, ZERO, rms, dy, dGain);
  }
}
