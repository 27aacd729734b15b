package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.CrossEntropy;
import dev.lanewise.kernels.scalar.ScalarMath;
import java.util.Objects;

/** Softmax cross-entropy; its passes are {@link VectorSoftmax}'s with scale 1. */
final class VectorCrossEntropy implements CrossEntropy {

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
      float max = VectorSoftmax.max(n, 1f, logits, row);
      float relative = logits[row + target] - max;
      VectorSoftmax.exponentials(n, 1f, max, logits, row, logits, row);
      float sum = VectorLanes.sum(n, logits, row);
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
      float max = VectorSoftmax.max(n, 1f, logits, row);
      float relative = logits[row + target] - max;
      VectorSoftmax.exponentials(n, 1f, max, logits, row, logits, row);
      float sum = VectorLanes.sum(n, logits, row);
      losses[lossesOffset + r] = ScalarMath.log(sum) - relative;
      VectorElementwise.multiply(n, scale / sum, logits, row, logits, row);
      logits[row + target] -= scale;
    }
  }
}
