package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.CrossEntropy;
import dev.lanewise.kernels.Lanes;
import dev.lanewise.kernels.Matrix;
import java.util.Arrays;
import java.util.Objects;

/** Softmax cross-entropy in plain loops. */
final class ScalarCrossEntropy implements CrossEntropy {

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
      float max = max(n, x, offset);
      float relative = x[offset + target] - max;
      float sum = exponentials(n, max, x, offset);
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
      for (int j = 0; j < n; j++) {
        x[offset + j] *= inverseTemperature;
      }
      float max = max(n, x, offset);
      float relative = x[offset + target] - max;
      float sum = exponentials(n, max, x, offset);
      losses[r + shift] = ScalarMath.log(sum) - relative;
      float factor = step / sum;
      for (int j = 0; j < n; j++) {
        x[offset + j] *= factor;
      }
      x[offset + target] -= step;
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
