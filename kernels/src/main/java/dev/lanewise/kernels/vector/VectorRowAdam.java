package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.AdamWUpdate;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.RowAdam;
import jdk.incubator.vector.FloatVector;

/** Adam on rows, a vector at a time. */
final class VectorRowAdam implements RowAdam {

  @Override
  public void glide(
      float distance,
      float keepM,
      float keepV,
      float epsilon,
      int row,
      Matrix w,
      Matrix m,
      Matrix v) {
    glide(
        w.columns(),
        distance,
        keepM,
        keepV,
        epsilon,
        w.data(),
        w.offset(row),
        m.data(),
        m.offset(row),
        v.data(),
        v.offset(row));
  }

  private static void glide(
      int n,
      float distance,
      float keepM,
      float keepV,
      float epsilon,
      float[] w,
      int wOffset,
      float[] m,
      int mOffset,
      float[] v,
      int vOffset) {
    FloatVector descent = FloatVector.broadcast(FLOATS, -distance);
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector mean = FloatVector.fromArray(FLOATS, m, mOffset + j);
      FloatVector square = FloatVector.fromArray(FLOATS, v, vOffset + j);
      FloatVector u = mean.div(square.sqrt().add(epsilon));
      descent.fma(u, FloatVector.fromArray(FLOATS, w, wOffset + j)).intoArray(w, wOffset + j);
      mean.mul(keepM).intoArray(m, mOffset + j);
      square.mul(keepV).intoArray(v, vOffset + j);
    }
    for (; j < n; j++) {
      float u = m[mOffset + j] / ((float) Math.sqrt(v[vOffset + j]) + epsilon);
      w[wOffset + j] = Math.fma(-distance, u, w[wOffset + j]);
      m[mOffset + j] *= keepM;
      v[vOffset + j] *= keepV;
    }
  }

  @Override
  public void update(
      AdamWUpdate.Step step, int row, Matrix w, Matrix m, Matrix v, int gRow, Matrix g) {
    VectorAdamWUpdate.update(
        step,
        0f,
        w.columns(),
        w.data(),
        w.offset(row),
        m.data(),
        m.offset(row),
        v.data(),
        v.offset(row),
        g.data(),
        g.offset(gRow));
  }
}
