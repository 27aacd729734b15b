package dev.lanewise.trainer.loop;

import dev.lanewise.kernels.CrossEntropy;
import dev.lanewise.kernels.Gelu;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;

/** Kernels that compute what they should until a switch is thrown. For one thread. */
final class BadKernels {

  private final KernelSet sound = ScalarKernels.create();

  /** The feed-forward network gives NaN. */
  boolean forward;

  /** The feed-forward network passes NaN back. */
  boolean backward;

  /** A training loss is NaN, and its gradient is not. */
  boolean trainingLoss;

  /** What gradients are too large by. */
  float gradientScale = 1;

  KernelSet set() {
    return new KernelSet(
        "bad",
        sound.matmul(),
        sound.attention(),
        sound.softmax(),
        new BadGelu(),
        sound.layerNorm(),
        new BadCrossEntropy(),
        sound.embedding(),
        sound.dropout(),
        sound.elementwise(),
        sound.transcendental(),
        sound.reduction(),
        sound.adamW());
  }

  private final class BadGelu implements Gelu {
    @Override
    public void forward(int n, float[] x, int xOffset, float[] y, int yOffset) {
      sound.gelu().forward(n, x, xOffset, y, yOffset);
      if (forward) {
        y[yOffset] = Float.NaN;
      }
    }

    @Override
    public void backward(
        int n, float[] x, int xOffset, float[] dy, int dyOffset, float[] dx, int dxOffset) {
      sound.gelu().backward(n, x, xOffset, dy, dyOffset, dx, dxOffset);
      if (backward) {
        dx[dxOffset] = Float.NaN;
      }
    }
  }

  private final class BadCrossEntropy implements CrossEntropy {
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
      sound
          .crossEntropy()
          .loss(rows, n, logits, offset, stride, targets, targetsOffset, losses, lossesOffset);
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
      sound
          .crossEntropy()
          .lossAndGradient(
              rows,
              n,
              scale * gradientScale,
              logits,
              offset,
              stride,
              targets,
              targetsOffset,
              losses,
              lossesOffset);
      if (trainingLoss) {
        losses[lossesOffset] = Float.NaN;
      }
    }
  }
}
