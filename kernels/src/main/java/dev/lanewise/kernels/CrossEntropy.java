package dev.lanewise.kernels;

/**
 * Softmax cross-entropy of rows of logits against target classes.
 *
 * <p><b>Definition.</b> With {@code m} the row's maximum, {@code e = exp(x - m)} and {@code s} the
 * {@linkplain Lanes lane sum} of e: {@code loss = log(s) - (x[target] - m)}, and the gradient is
 * {@code e * (scale / s)}, less {@code scale} at the target. This is logsumexp minus the target's
 * logit: exact where a clipped -log p is not.
 */
public interface CrossEntropy {

  /**
   * Writes each row's loss and replaces the logits by e.
   *
   * @param row the first row of the logits
   * @param rows how many
   * @param targets the class of row r is {@code targets[r + shift]}, and below the columns
   * @param losses likewise
   * @throws IndexOutOfBoundsException if a target is not a class
   */
  void loss(int row, int rows, Matrix logits, int[] targets, float[] losses, int shift);

  /**
   * Writes each row's loss and replaces the logits by the gradient of {@code scale · loss}.
   *
   * @param scale usually 1 / (targets in the batch), which makes it the gradient of the mean
   * @throws IndexOutOfBoundsException if a target is not a class
   */
  void lossAndGradient(
      int row, int rows, float scale, Matrix logits, int[] targets, float[] losses, int shift);
}
