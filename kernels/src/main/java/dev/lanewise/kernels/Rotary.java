package dev.lanewise.kernels;

/**
 * Rotary position embedding (Su et al., 2021), with the pairing of halves: of a head, element i and
 * element i + n/2 of the first n are a pair that turns by an angle of its position.
 *
 * <p><b>Definition.</b> With c and s the cosine and sine of the angle, s negated to turn back: {@code
 * a' = fma(a, c, -(b * s))}, {@code b' = fma(b, c, a * s)}. Elements from n on stay as they are.
 */
public interface Rotary {

  /**
   * Turns all heads of {@code rows} rows from {@code row} on, in place.
   *
   * @param headSize columns of a head; x is whole heads side by side
   * @param back whether to turn back, as gradients do
   * @param cos n/2 columns: row {@code angle + i} belongs to row {@code row + i} of x
   * @param sin likewise
   * @param angle the first row of cos and sin
   */
  void rotate(
      int row, int rows, int headSize, boolean back, Matrix cos, Matrix sin, int angle, Matrix x);
}
