package dev.lanewise.model;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.Precision;
import dev.lanewise.model.memory.Decoding;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;
import java.util.ArrayList;
import java.util.List;

/**
 * Generation: a model that goes on with texts whose past keys and values are kept. Computes the
 * same chains as a whole pass, so its logits have the same bits, however tokens are divided among
 * calls. Keys and values can be kept in {@link Precision#BF16}: then the bits are others, and still
 * the same however tokens are divided. Dropout is off.
 *
 * <p>A pass reads all weights once. With one token it computes little with each, so its speed is
 * that of memory; so a prompt goes through in blocks of rows, and several texts side by side. What
 * goes through together is {@linkplain #add added} first, and then {@linkplain #run run}. For one
 * text alone there are {@link #accept} and {@link #feed}.
 *
 * <p>Not thread-safe; holds memory of its own.
 */
public final class Decoder {

  /** Parameters from which on another worker pays for the barriers. */
  private static final int PARAMETERS_PER_WORKER = 1 << 19;

  private final Transformer model;
  private final WorkerPool pool;
  private final Precision keyValues;
  private final Team team;
  private final Pass[] passes;
  private final int vocabularySize;
  private final DecodedText text;
  private final int[] token = new int[1];
  private final float[] last;
  private float[] several = new float[0];
  private final List<Decoding> added = new ArrayList<>();
  private final int[] rowsOf;
  private int rows;
  private int scratchPositions;
  private final WorkerPool.Task task = this::compute;

  // What the members of the team read while they compute.
  private int firstRow;
  private int count;
  private float[] into;

  /** Makes an empty decoder; {@code weights} and their panels are shared, not copied. */
  Decoder(
      Transformer model,
      ParameterStore weights,
      WeightPanels panels,
      Precision keyValues,
      WorkerPool pool) {
    this(model, weights, panels, keyValues, pool, worthwhile(model, pool));
  }

  /** As the other one, with that many workers, which do not show. */
  Decoder(
      Transformer model,
      ParameterStore weights,
      WeightPanels panels,
      Precision keyValues,
      WorkerPool pool,
      int team) {
    this.model = model;
    this.keyValues = keyValues;
    this.pool = pool;
    this.team = new Team(pool, team);
    this.passes = model.passes().allocateForDecoding(this.team);
    for (Pass pass : passes) {
      pass.bind(weights, panels, null);
    }
    this.vocabularySize = model.config().vocabularySize();
    this.text = newText();
    this.last = new float[vocabularySize];
    this.rowsOf = new int[maxRows()];
  }

  private static int worthwhile(Transformer model, WorkerPool pool) {
    long workers = Math.max(1, model.countParameters() / PARAMETERS_PER_WORKER);
    return (int) Math.min(pool.size(), workers);
  }

  /** Returns how many tokens fit in a text. */
  public int context() {
    return model.config().contextLength();
  }

  /** Returns how many tokens fit in a pass. */
  public int maxRows() {
    return model.passes().decodingRows();
  }

  /** Returns how many tokens more fit in the pass that is being put together. */
  public int room() {
    return maxRows() - rows;
  }

  /** Returns the text of {@link #accept} and {@link #feed}. */
  public DecodedText text() {
    return text;
  }

  /** Makes another text, which is empty. It takes memory as it grows. */
  public DecodedText newText() {
    return new DecodedText(model.passes().newDecoding(keyValues));
  }

  /** Returns how many tokens have been accepted since the last reset. */
  public int position() {
    return text.length();
  }

  /** Forgets all tokens. */
  public void reset() {
    rewind(0);
  }

  /** See {@link DecodedText#rewind}. */
  public void rewind(int length) {
    text.rewind(length);
  }

  /**
   * Accepts the next token.
   *
   * @return the logits [V] of the token after it: an array that the next call overwrites
   * @throws IllegalStateException if the context is full
   * @throws IndexOutOfBoundsException if the id is not of the vocabulary
   */
  public float[] accept(int id) {
    token[0] = id;
    add(text, token, 0, 1);
    return runForLast();
  }

  /**
   * Accepts the next tokens.
   *
   * @param ids at least one
   * @return the logits [V] of the token after the last: an array that the next call overwrites
   * @throws IllegalStateException if they do not fit; then none is accepted
   * @throws IndexOutOfBoundsException if an id is not of the vocabulary; then none is accepted
   */
  public float[] feed(int... ids) {
    if (ids.length == 0) {
      throw new IllegalArgumentException("no tokens, so no logits");
    }
    require(text, ids, 0, ids.length);
    int from = 0;
    for (; ids.length - from > maxRows(); from += maxRows()) {
      add(text, ids, from, maxRows());
      run(0);
    }
    add(text, ids, from, ids.length - from);
    return runForLast();
  }

  /**
   * Adds the next tokens of a text to what goes through the model together: a row for each. Texts
   * whose logits are wanted come first. A text can be added once before each {@link #run}.
   *
   * @param ids holds the tokens
   * @param from the first of them
   * @param tokens how many, at least one
   * @throws IllegalStateException if they do not fit in the text, or with what has been added not
   *     in a pass, or the text has been added already
   * @throws IndexOutOfBoundsException if an id is not of the vocabulary
   */
  public void add(DecodedText to, int[] ids, int from, int tokens) {
    require(to, ids, from, tokens);
    if (tokens < 1 || tokens > maxRows() - rows) {
      throw new IllegalStateException(
          "%d tokens more in a pass of %d, of at most %d".formatted(tokens, rows, maxRows()));
    }
    if (added.contains(to.memory())) {
      throw new IllegalStateException("the text has tokens in this pass already");
    }
    to.memory().append(ids, from, tokens);
    rowsOf[added.size()] = tokens;
    added.add(to.memory());
    rows += tokens;
  }

  private void require(DecodedText to, int[] ids, int from, int tokens) {
    for (int i = from; i < from + tokens; i++) {
      if (ids[i] < 0 || ids[i] >= vocabularySize) {
        throw new IndexOutOfBoundsException(
            "token " + ids[i] + " is not of a vocabulary of " + vocabularySize);
      }
    }
    if (tokens > context() - to.length()) {
      throw new IllegalStateException(
          "the context of %d tokens is full: %d and %d more"
              .formatted(context(), to.length(), tokens));
    }
  }

  /**
   * Takes what has been added through the model.
   *
   * @param wanted of how many rows the logits are wanted, from the first on
   * @return a row of V logits for each, of the token after it: an array that the next call
   *     overwrites, and that may be longer
   * @throws IllegalArgumentException if there are not so many rows
   */
  public float[] run(int wanted) {
    if (wanted > rows) {
      throw new IllegalArgumentException("logits of %d rows of %d".formatted(wanted, rows));
    }
    if (several.length < wanted * vocabularySize) {
      several = new float[Math.multiplyExact(wanted, vocabularySize)];
    }
    run(0, wanted, several);
    return several;
  }

  /**
   * Takes what has been added through the model, for the logits of its last row alone.
   *
   * @return V logits of the token after it: an array that the next call overwrites
   */
  public float[] runForLast() {
    run(rows - 1, 1, last);
    return last;
  }

  private void run(int firstRow, int count, float[] into) {
    this.firstRow = firstRow;
    this.count = count;
    this.into = into;
    try {
      reserveScratch();
      team.begin();
      pool.run(passes.length, task);
      for (int i = 0; i < added.size(); i++) {
        added.get(i).setLength(added.get(i).length() + rowsOf[i]);
      }
    } finally {
      added.clear();
      rows = 0;
    }
  }

  private void reserveScratch() {
    int longest = 0;
    for (int i = 0; i < added.size(); i++) {
      longest = Math.max(longest, added.get(i).length() + rowsOf[i]);
    }
    if (longest <= scratchPositions) {
      return;
    }
    scratchPositions = (int) Math.min(context(), longest + longest / 2L);
    for (Pass pass : passes) {
      pass.reserveOwnScratch(model.passes().decodingScratch(scratchPositions, keyValues));
    }
  }

  private void compute(int member, int worker) {
    Pass pass = passes[member];
    pass.takeNext(added, rowsOf, added.size());
    model.nextLogits(pass, firstRow, count, into);
  }
}
