package dev.lanewise.model;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;

/**
 * Generation: the model run one token at a time, with the keys and values of past positions kept.
 * Computes the same chains as a whole pass, so its logits have the same bits. Dropout is off.
 *
 * <p>A token reads all weights once and computes little with each, so its speed is that of memory.
 *
 * <p>Not thread-safe; holds memory of its own.
 */
public final class Decoder {

  /** Parameters from which on another worker pays for the barriers. */
  private static final int PARAMETERS_PER_WORKER = 1 << 19;

  private final Transformer model;
  private final WorkerPool pool;
  private final Team team;
  private final Pass[] passes;
  private final float[] logits;
  private final int[] token = new int[1];
  private final WorkerPool.Task decode = this::decode;
  private int position;

  /** Makes an empty decoder; {@code weights} and their panels are shared, not copied. */
  Decoder(Transformer model, ParameterStore weights, WeightPanels panels, WorkerPool pool) {
    this.model = model;
    this.pool = pool;
    long worthwhile = Math.max(1, model.countParameters() / PARAMETERS_PER_WORKER);
    this.team = new Team(pool, (int) Math.min(pool.size(), worthwhile));
    this.passes = model.passes().allocateForDecoding(team);
    for (Pass pass : passes) {
      pass.bind(weights, panels, null);
    }
    this.logits = new float[model.config().vocabularySize()];
  }

  /** Returns how many tokens have been accepted since the last reset. */
  public int position() {
    return position;
  }

  /** Returns how many tokens fit. */
  public int context() {
    return model.config().contextLength();
  }

  /** Forgets all tokens. */
  public void reset() {
    rewind(0);
  }

  /**
   * Forgets the tokens from a position on; what is known of those before it stays.
   *
   * @param length tokens that stay
   * @throws IndexOutOfBoundsException if there are fewer
   */
  public void rewind(int length) {
    if (length < 0 || length > position) {
      throw new IndexOutOfBoundsException("back to %d of %d tokens".formatted(length, position));
    }
    position = length;
  }

  /**
   * Accepts the next tokens.
   *
   * @param ids at least one
   * @return the logits [V] of the token after the last: an array that the next call overwrites
   * @throws IllegalStateException if they do not fit; then none is accepted
   * @throws IndexOutOfBoundsException if an id is not of the vocabulary
   */
  public float[] feed(int... ids) {
    if (ids.length == 0) {
      throw new IllegalArgumentException("no tokens, so no logits");
    }
    if (ids.length > context() - position) {
      throw new IllegalStateException(
          "%d tokens behind %d do not fit a context of %d"
              .formatted(ids.length, position, context()));
    }
    for (int id : ids) {
      accept(id);
    }
    return logits;
  }

  /**
   * Accepts the next token.
   *
   * @return the logits [V] of the token after it: an array that the next call overwrites
   * @throws IllegalStateException if the context is full
   * @throws IndexOutOfBoundsException if the id is not of the vocabulary
   */
  public float[] accept(int id) {
    if (position == context()) {
      throw new IllegalStateException("the context of " + context() + " tokens is full");
    }
    if (id < 0 || id >= logits.length) {
      throw new IndexOutOfBoundsException(
          "token " + id + " is not of a vocabulary of " + logits.length);
    }
    token[0] = id;
    passes[0].decoding().moveTo(position, id);
    team.begin();
    pool.run(passes.length, decode);
    position++;
    return logits;
  }

  private void decode(int member, int worker) {
    Pass pass = passes[member];
    pass.batch().takeInputs(token, 0, 1);
    Matrix last = model.lastLogits(pass);
    if (pass.member().isFirst()) {
      System.arraycopy(last.data(), last.offset(0), logits, 0, logits.length);
    }
  }
}
