package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.CrossEntropy;
import dev.lanewise.kernels.Lanes;
import java.util.Objects;

/** Softmax cross-entropy in plain loops. */
final class ScalarCrossEntropy implements CrossEntropy {

  @Override
  public void loss(
      int rows,
      int n,
      float[] logits,
      int offset,
      int stride,
      int[] targets,
      int targetsOffset,
      float[] losses,
      int lossesOffset) {
    for (int r = 0; r < rows; r++) {
      int row = offset + r * stride;
      int target = Objects.checkIndex(targets[targetsOffset + r], n);
      float max = max(n, logits, row);
      float relative = logits[row + target] - max;
      float sum = exponentials(n, max, logits, row);
      losses[lossesOffset + r] = ScalarMath.log(sum) - relative;
    }
  }

  @Override
  public void lossAndGradient(
      int rows,
      int n,
      float scale,
      float[] logits,
      int offset,
      int stride,
      int[] targets,
      int targetsOffset,
      float[] losses,
      int lossesOffset) {
    for (int r = 0; r < rows; r++) {
      int row = offset + r * stride;
      int target = Objects.checkIndex(targets[targetsOffset + r], n);
      float max = max(n, logits, row);
      float relative = logits[row + target] - max;
      float sum = exponentials(n, max, logits, row);
      losses[lossesOffset + r] = ScalarMath.log(sum) - relative;
      float factor = scale / sum;
      for (int j = 0; j < n; j++) {
        logits[row + j] *= factor;
      }
      logits[row + target] -= scale;
    }
  }

  private static float max(int n, float[] x, int offset) {
    float max = Float.NEGATIVE_INFINITY;
    for (int j = 0; j < n; j++) {
      max = Math.max(max, x[offset + j]);
    }
    return max;
  }

  /** Replaces x by exp(x - max) and returns its lane sum. */
  private static float exponentials(int n, float max, float[] x, int offset) {
    float[] lanes = new float[Lanes.COUNT];
    for (int j = 0; j < n; j++) {
      float e = ScalarMath.exp(x[offset + j] - max);
      lanes[j % Lanes.COUNT] += e;
      x[offset + j] = e;
    }
    return Lanes.fold(lanes);
  }
}
