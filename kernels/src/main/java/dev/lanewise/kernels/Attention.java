package dev.lanewise.kernels;

/**
 * Causal scaled dot-product attention of one head over one sequence.
 *
 * <p>With T = {@code time} and D = {@code headSize}, queries, keys, values and the output are T
 * rows of D floats, usually slices of wider rows. Position t sees positions s ≤ t.
 *
 * <p><b>Definition.</b> Forward: {@code z(t,s)} is the fma chain over d ascending of {@code
 * q(t,d)·k(s,d)}; row t of the probabilities is {@link Softmax} of {@code z(t, 0..t)} with scale
 * 1/√D; {@code o(t,d)} is the fma chain over s = 0..t ascending of {@code p(t,s)·v(s,d)}. Backward:
 * {@code dp(t,s)} is the chain over d of {@code do(t,d)·v(s,d)}; {@code dz} is the softmax's
 * backward; {@code dq(t,d)} the chain over s = 0..t of {@code dz(t,s)·k(s,d)}; {@code dk(s,d)} and
 * {@code dv(s,d)} the chains over t = s..T-1 of {@code dz(t,s)·q(t,d)} and {@code p(t,s)·do(t,d)}.
 * Every chain starts at zero and the future is never read, so that a NaN there cannot reach the
 * past.
 *
 * <p>The probabilities are T rows of T, kept between forward and backward; what lies above the
 * diagonal is unspecified.
 */
public interface Attention {

  /** Floats of scratch that {@link #forward} and {@link #backward} need. */
  int scratchSize(int time, int headSize);

  /**
   * Writes the output and the probabilities.
   *
   * @param qkv holds queries, keys and values at their offsets, rows {@code qkvStride} apart
   * @param out T rows of D, {@code outStride} apart
   * @param probabilities T × T
   */
  void forward(
      int time,
      int headSize,
      float[] qkv,
      int qOffset,
      int kOffset,
      int vOffset,
      int qkvStride,
      float[] out,
      int outOffset,
      int outStride,
      float[] probabilities,
      int probabilitiesOffset,
      float[] scratch,
      int scratchOffset);

  /**
   * Writes (does not accumulate) the gradients of queries, keys and values.
   *
   * @param dqkv the gradient of {@code qkv}, laid out as {@code qkv} is, at its own offsets
   * @param dOut the gradient of the output, laid out as the output is
   */
  void backward(
      int time,
      int headSize,
      float[] qkv,
      int qOffset,
      int kOffset,
      int vOffset,
      int qkvStride,
      float[] probabilities,
      int probabilitiesOffset,
      float[] dOut,
      int dOutOffset,
      int dOutStride,
      float[] dqkv,
      int dqOffset,
      int dkOffset,
      int dvOffset,
      float[] scratch,
      int scratchOffset);

  /**
   * Computes the last row of {@link #forward}'s output, for generation: one query against the keys
   * and values of all positions so far. The same chains, so the same bits.
   *
   * @param time positions so far, that of the query included
   * @param keys the keys transposed: D rows, {@code keyStride} apart, of at least {@code time}
   * @param values {@code time} rows of D, {@code valueStride} apart
   * @param out D floats
   * @param scratch {@code time} floats
   */
  void last(
      int time,
      int headSize,
      float[] query,
      int queryOffset,
      float[] keys,
      int keysOffset,
      int keyStride,
      float[] values,
      int valuesOffset,
      int valueStride,
      float[] out,
      int outOffset,
      float[] scratch,
      int scratchOffset);
}
