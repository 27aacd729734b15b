package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.AdamWUpdate;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.RowAdam;

/** Adam on rows in plain loops. */
final class ScalarRowAdam implements RowAdam {

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
    for (int j = 0; j < w.columns(); j++) {
      int weight = w.offset(row) + j;
      int first = m.offset(row) + j;
      int second = v.offset(row) + j;
      float root = (float) Math.sqrt(v.data()[second]);
      float u = m.data()[first] / (root + epsilon);
      w.data()[weight] = Math.fma(-distance, u, w.data()[weight]);
      m.data()[first] *= keepM;
      v.data()[second] *= keepV;
    }
  }

  @Override
  public void update(
      AdamWUpdate.Step step, int row, Matrix w, Matrix m, Matrix v, int gRow, Matrix g) {
    for (int j = 0; j < w.columns(); j++) {
      int weight = w.offset(row) + j;
      int first = m.offset(row) + j;
      int second = v.offset(row) + j;
      float gradient = g.data()[g.offset(gRow) + j] * step.gradientScale();
      float square = (step.oneMinusBeta2() * gradient) * gradient;
      float mean = Math.fma(step.beta1(), m.data()[first], step.oneMinusBeta1() * gradient);
      float meanSquare = Math.fma(step.beta2(), v.data()[second], square);
      m.data()[first] = mean;
      v.data()[second] = meanSquare;
      float root = (float) Math.sqrt(meanSquare * step.vCorrection());
      float u = (mean * step.mCorrection()) / (root + step.epsilon());
      float decayed = Math.fma(0f, w.data()[weight], u);
      w.data()[weight] = Math.fma(-step.learningRate(), decayed, w.data()[weight]);
    }
  }
}
