package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.CrossEntropy;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.scalar.ScalarMath;
import java.util.Arrays;
import java.util.Objects;

/** Softmax cross-entropy; its passes are {@link VectorSoftmax}'s. */
final class VectorCrossEntropy implements CrossEntropy {

  @Override
  public void loss(int row, int rows, Matrix logits, int[] targets, float[] losses, int shift) {
    int n = logits.columns();
    float[] x = logits.data();
    for (int r = row; r < row + rows; r++) {
      if (targets[r + shift] == UNCOUNTED) {
        losses[r + shift] = 0;
        continue;
      }
      int offset = logits.offset(r);
      int target = Objects.checkIndex(targets[r + shift], n);
      long extremes = VectorSoftmax.extremes(n, 1f, x, offset);
      float max = VectorSoftmax.max(extremes);
      float relative = x[offset + target] - max;
      VectorSoftmax.exponentials(extremes, n, 1f, x, offset, x, offset);
      float sum = VectorLanes.sum(n, x, offset);
      losses[r + shift] = ScalarMath.log(sum) - relative;
    }
  }

  @Override
  public void lossAndGradient(
      int row,
      int rows,
      float inverseTemperature,
      float scale,
      Matrix logits,
      int[] targets,
      float[] losses,
      int shift) {
    int n = logits.columns();
    float[] x = logits.data();
    float step = inverseTemperature * scale;
    for (int r = row; r < row + rows; r++) {
      int offset = logits.offset(r);
      if (targets[r + shift] == UNCOUNTED) {
        losses[r + shift] = 0;
        Arrays.fill(x, offset, offset + n, 0f);
        continue;
      }
      int target = Objects.checkIndex(targets[r + shift], n);
      long extremes = VectorSoftmax.extremes(n, inverseTemperature, x, offset);
      float max = VectorSoftmax.max(extremes);
      float relative = inverseTemperature * x[offset + target] - max;
      VectorSoftmax.exponentials(extremes, n, inverseTemperature, x, offset, x, offset);
      float sum = VectorLanes.sum(n, x, offset);
      losses[r + shift] = ScalarMath.log(sum) - relative;
      VectorElementwise.multiply(n, step / sum, x, offset, x, offset);
      x[offset + target] -= step;
    }
  }
}
