package dev.lanewise.kernels;

/**
 * Causal scaled dot-product attention of one group of heads over one sequence: one key/value head
 * and the query heads that share it ({@link Heads}).
 *
 * <p>With T = {@code time} and D = the head's size, position t of query head h sees positions s ≤
 * t. Query head h has columns {@code h D} of the queries, of the output and of their gradients;
 * key/value head g has columns {@code g D} of keys and values.
 *
 * <p><b>Definition.</b> Forward: {@code z(t,s)} is the fma chain over d ascending of {@code
 * q(t,d)·k(s,d)}; row t of the probabilities is {@link Softmax} of {@code z(t, 0..t)} with scale
 * 1/√D; {@code o(t,d)} is the fma chain over s = 0..t ascending of {@code p(t,s)·v(s,d)}. Backward:
 * {@code dp(t,s)} is the chain over d of {@code do(t,d)·v(s,d)}; {@code dz} is the softmax's
 * backward; {@code dq(t,d)} the chain over s = 0..t of {@code dz(t,s)·k(s,d)}; {@code dk(s,d)} and
 * {@code dv(s,d)} the chains over the group's query heads ascending and, within a head, over t =
 * s..T-1, of {@code dz(t,s)·q(t,d)} and {@code p(t,s)·do(t,d)}. Every chain starts at zero and the
 * future is never read, so that a NaN there cannot reach the past.
 *
 * <p>The probabilities may be kept from forward to backward, T x T for each query head, or not:
 * then backward computes them again some rows at a time, the same bits, in memory linear in T.
 */
public interface Attention {

  /**
   * Floats of scratch that {@link #forward} and {@link #backward} need.
   *
   * @param time most positions of a sequence
   * @param kept whether the probabilities are kept
   */
  long scratchSize(Heads heads, int time, boolean kept);

  /**
   * Writes the output, and the probabilities if they are kept.
   *
   * @param group the key/value head
   * @param row the sequence's first row in all matrices but the probabilities
   * @param time positions of the sequence
   * @param q queries; keys and values likewise
   * @param out the output, columns as the queries
   * @param probabilities rows of at least T floats, or null if they are not kept; what lies above
   *     the diagonal is unspecified
   * @param probabilitiesRow the first row of the group's first query head; those of the next head
   *     begin {@code time} rows further
   * @param scratch one row
   */
  void forward(
      Heads heads,
      int group,
      int row,
      int time,
      Matrix q,
      Matrix k,
      Matrix v,
      Matrix out,
      Matrix probabilities,
      int probabilitiesRow,
      Matrix scratch);

  /**
   * Writes (does not accumulate) the group's gradients of queries, keys and values.
   *
   * @param probabilities as {@link #forward} wrote them, or null
   * @param dOut the gradient of the output
   */
  void backward(
      Heads heads,
      int group,
      int row,
      int time,
      Matrix q,
      Matrix k,
      Matrix v,
      Matrix probabilities,
      int probabilitiesRow,
      Matrix dOut,
      Matrix dq,
      Matrix dk,
      Matrix dv,
      Matrix scratch);

  /**
   * Computes the last row of {@link #forward}'s output for one group, for generation: queries of
   * one position against the keys and values of all positions so far. The same chains, so the same
   * bits.
   *
   * @param positions how many there are so far, that of the query included
   * @param q row 0 holds the queries of all heads
   * @param keys transposed: row {@code g D + d} holds element d of key head g for every position
   * @param values a row for each position, columns {@code g D} for value head g
   * @param out row 0 gets the output of all heads
   * @param scratch a row for each query head, of at least {@code positions} floats; this group uses
   *     the rows of its own query heads
   */
  void decode(
      Heads heads,
      int group,
      int positions,
      Matrix q,
      Matrix keys,
      Matrix values,
      Matrix out,
      Matrix scratch);
}
