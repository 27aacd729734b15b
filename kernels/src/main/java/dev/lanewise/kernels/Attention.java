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
 *
 * <p>In generation a text's keys and values are kept, see {@link #keyValues}, in {@link
 * Precision#F32} or {@link Precision#BF16}. They are rounded to that precision when they are
 * {@linkplain #append appended}, as {@link Precision} says, and everything after is as above.
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
   * Makes room for the keys and values of a text, which {@link #append} fills. For generation: the
   * same chains as {@link #forward}'s, so in {@link Precision#F32} the same bits, of some positions
   * at a time.
   *
   * @param positions how many there is room for, at least
   * @throws IllegalArgumentException if the precision is neither F32 nor BF16
   */
  KeyValues keyValues(Heads heads, int positions, Precision precision);

  /** Bytes that {@link #keyValues} takes. */
  long keyValueBytes(Heads heads, int positions, Precision precision);

  /**
   * Stores the keys and values of the next positions of a text, of one group, rounded.
   *
   * @param row the first of them in k and v
   * @param rows how many
   * @param position of the first row in the text
   */
  void append(
      Heads heads, int group, int row, int rows, Matrix k, Matrix v, KeyValues text, int position);

  /**
   * Computes some rows of {@link #forward}'s output: of the positions that were appended last, for
   * some query heads, of any groups.
   *
   * @param fromHead the first query head
   * @param toHead the end of them
   * @param row the first position's row in q and out
   * @param rows how many positions
   * @param text the keys and values of these positions and all before them
   * @param position of the first row in the text
   * @param scratch one row, see {@link #extendScratch}
   */
  void extend(
      Heads heads,
      int fromHead,
      int toHead,
      int row,
      int rows,
      Matrix q,
      KeyValues text,
      int position,
      Matrix out,
      Matrix scratch);

  /**
   * Floats of scratch that {@link #extend} needs.
   *
   * @param rows most rows of a call
   * @param positions most positions of a text, these rows among them
   * @param precision of the text's keys and values
   */
  long extendScratch(Heads heads, int rows, int positions, Precision precision);
}
