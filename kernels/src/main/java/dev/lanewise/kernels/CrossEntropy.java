package dev.lanewise.kernels;

/**
 * Softmax cross-entropy of rows of logits against target classes.
 *
 * <p><b>Definition.</b> With {@code m} the row's maximum, {@code e = exp(x - m)} and {@code s} the
 * {@linkplain Lanes lane sum} of e: {@code loss = log(s) - (x[target] - m)}, and the gradient is
 * {@code e * (scale / s)}, less {@code scale} at the target. This is logsumexp minus the target's
 * logit: exact where a clipped -log p is not. A row whose target is {@link #UNCOUNTED} has loss 0
 * and gradient 0.
 *
 * <p>With a temperature other than 1, {@code x} is the logit times its inverse {@code b}, rounded,
 * and the gradient that of the logits: {@code b * scale} takes the place of {@code scale}.
 */
public interface CrossEntropy {

  /**
   * Stands in the place of a target where nothing is to be learned: in a prompt, behind the end of
   * a text. It is the number that PyTorch and transformers use for it, so their labels can be taken
   * as they are.
   */
  int UNCOUNTED = -100;

  /**
   * Writes each row's loss and replaces the logits by e; those of an uncounted row stay.
   *
   * @param row the first row of the logits
   * @param rows how many
   * @param targets the class of row r is {@code targets[r + shift]}: below the columns, or {@link
   *     #UNCOUNTED}
   * @param losses likewise
   * @throws IndexOutOfBoundsException if a target is neither
   */
  void loss(int row, int rows, Matrix logits, int[] targets, float[] losses, int shift);

  /**
   * Writes each row's loss and replaces the logits by the gradient of {@code scale · loss}.
   *
   * @param inverseTemperature what the logits are multiplied by; positive, and 1 for a plain loss
   * @param scale usually 1 / (targets in the batch), which makes it the gradient of the mean
   * @throws IndexOutOfBoundsException if a target is neither a class nor {@link #UNCOUNTED}
   */
  void lossAndGradient(
      int row,
      int rows,
      float inverseTemperature,
      float scale,
      Matrix logits,
      int[] targets,
      float[] losses,
      int shift);
}
