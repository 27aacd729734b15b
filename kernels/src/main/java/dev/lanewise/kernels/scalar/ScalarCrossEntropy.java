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
      float[] lanes = new float[Lanes.COUNT];
      for (int j = 0; j < n; j++) {
        lanes[j % Lanes.COUNT] += ScalarMath.exp(logits[row + j] - max);
      }
      losses[lossesOffset + r] = ScalarMath.log(Lanes.fold(lanes)) - (logits[row + target] - max);
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
      float[] lanes = new float[Lanes.COUNT];
      for (int j = 0; j < n; j++) {
        float e = ScalarMath.exp(logits[row + j] - max);
        lanes[j % Lanes.COUNT] += e;
        logits[row + j] = e;
      }
      float sum = Lanes.fold(lanes);
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
}
