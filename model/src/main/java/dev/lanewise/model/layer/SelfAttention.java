package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.kernels.Attention;
import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Decoding;
import dev.lanewise.model.memory.KeyValueCache;
import dev.lanewise.model.memory.Pass;
import java.util.Arrays;
import java.util.List;

/**
 * Causal self-attention of several heads: one projection to queries, keys and values side by side,
 * the heads, and the projection back. The unit of work is a key/value head of a document with the
 * query heads that share it; the members of a team divide the units by the pairs of positions that
 * they have.
 */
public final class SelfAttention {

  private static final String QUERY_NORM = ".query_norm";
  private static final String KEY_NORM = ".key_norm";
  private static final String VALUE_EMBEDDING = ".value_embedding";

  private static final String KERNEL = "attention";

  /** Products between positions: those of forward, and those of backward if nothing is repeated. */
  private static final int FORWARD_PRODUCTS = 2;

  private static final int BACKWARD_PRODUCTS = 4;

  private final LayerWork coreForward;
  private final LayerWork coreBackward;
  private final Heads heads;
  private final Positions positions;
  private final Linear inProjection;
  private final Linear outProjection;
  private final Activation qkv;
  private final HeadNorm queryNorm;
  private final HeadNorm keyNorm;
  private final Activation q;
  private final Activation k;
  private final Activation v;
  private final ValueEmbedding valueEmbedding;
  private final Activation probabilities;
  private final Activation mixed;
  private final Activation dMixed;
  private final Activation dQkv;
  private final Activation dProjectedQk;
  private final Activation dq;
  private final Activation dk;
  private final Activation dv;
  private final int cache;
  private final Attention attention;

  /**
   * What a model chooses.
   *
   * @param heads their number and size; the size times the query heads need not be the width
   * @param inBias whether the projection to queries, keys and values has a bias
   * @param outBias whether the projection back has one
   * @param headNorm whether queries and keys are normalised head by head, see {@link HeadNorm}:
   *     what is added to their mean square, or 0 if they are not
   */
  public record Choice(Heads heads, boolean inBias, boolean outBias, double headNorm) {

    /** The choice without a norm of heads. */
    public Choice(Heads heads, boolean inBias, boolean outBias) {
      this(heads, inBias, outBias, 0);
    }

    /** The definition in float64 of what becomes of one query head of one position. */
    public double[] defineQuery(DoubleWeights weights, String name, double[] head) {
      return defineHead(weights, name + QUERY_NORM, head);
    }

    /** The definition in float64 of what becomes of one key head of one position. */
    public double[] defineKey(DoubleWeights weights, String name, double[] head) {
      return defineHead(weights, name + KEY_NORM, head);
    }

    /**
     * The definition in float64 of what a token adds to its values of all heads.
     *
     * @return null if the layer has no table of values
     */
    public double[] defineValues(DoubleWeights weights, String name, int token) {
      String table = name + VALUE_EMBEDDING + ".weight";
      return weights.contains(table) ? weights.row(table, token) : null;
    }

    private double[] defineHead(DoubleWeights weights, String name, double[] head) {
      return headNorm == 0 ? head : HeadNorm.define(weights, name, headNorm, head);
    }
  }

  /**
   * Makes the layer {@code name}.
   *
   * @param valueTokens tokens of a table of values ({@link ValueEmbedding}), 0 for none
   * @param keep whether the probabilities are kept from forward to backward: faster, and memory
   *     that grows with the square of the context. The bits are the same
   */
  public SelfAttention(
      Blueprint blueprint,
      String name,
      int width,
      Choice choice,
      int valueTokens,
      Positions positions,
      boolean keep,
      Initializer hidden,
      Initializer residual) {
    this.heads = choice.heads;
    long perPair = 2L * heads.group() * heads.size();
    this.coreForward =
        LayerWork.products(name + ".core", LayerWork.FORWARD, KERNEL, FORWARD_PRODUCTS * perPair);
    this.coreBackward =
        LayerWork.products(name + ".core", LayerWork.BACKWARD, KERNEL, BACKWARD_PRODUCTS * perPair);
    this.positions = positions;
    int queries = heads.queryWidth();
    int keys = heads.keyValueWidth();
    int all = queries + 2 * keys;
    List<Integer> outs = List.of(queries, keys, keys);
    this.qkv = blueprint.result(name + ".qkv", all);
    this.dQkv = blueprint.buffer(TransformerBlock.INSIDE, all);
    this.inProjection =
        new Linear(blueprint, name + ".qkv", width, outs, qkv, dQkv, choice.inBias, hidden);
    this.outProjection =
        new Linear(blueprint, name + ".output", queries, width, choice.outBias, residual);
    this.dProjectedQk = blueprint.columns(dQkv, 0, queries + keys);
    Activation projectedQ = blueprint.columns(qkv, 0, queries);
    Activation projectedK = blueprint.columns(qkv, queries, keys);
    Activation dProjectedQ = blueprint.columns(dQkv, 0, queries);
    Activation dProjectedK = blueprint.columns(dQkv, queries, keys);
    this.v = blueprint.columns(qkv, queries + keys, keys);
    this.dv = blueprint.columns(dQkv, queries + keys, keys);
    if (choice.headNorm == 0) {
      this.queryNorm = null;
      this.keyNorm = null;
      this.q = projectedQ;
      this.k = projectedK;
      this.dq = dProjectedQ;
      this.dk = dProjectedK;
    } else {
      Activation qk = blueprint.result(name + ".normed", queries + keys);
      Activation dQk = blueprint.buffer(TransformerBlock.DEEPER, queries + keys);
      this.q = blueprint.columns(qk, 0, queries);
      this.k = blueprint.columns(qk, queries, keys);
      this.dq = blueprint.columns(dQk, 0, queries);
      this.dk = blueprint.columns(dQk, queries, keys);
      double epsilon = choice.headNorm;
      int size = heads.size();
      this.queryNorm =
          new HeadNorm(blueprint, name + QUERY_NORM, size, epsilon, projectedQ, q, dq, dProjectedQ);
      this.keyNorm =
          new HeadNorm(blueprint, name + KEY_NORM, size, epsilon, projectedK, k, dk, dProjectedK);
    }
    this.valueEmbedding =
        valueTokens == 0
            ? null
            : new ValueEmbedding(blueprint, name + VALUE_EMBEDDING, valueTokens, keys, hidden);
    int time = blueprint.time();
    this.probabilities =
        keep
            ? blueprint.keptForBackward(
                name + ".probabilities", blueprint.rows() * heads.queries(), time)
            : null;
    this.mixed = blueprint.result(name + ".core", queries);
    this.dMixed = blueprint.buffer(TransformerBlock.INNER, queries);
    this.cache = blueprint.keyValueCache(heads);
    this.attention = blueprint.kernels().attention();
    blueprint.ownScratch(
        attention.scratchSize(heads, time, keep), attention.scratchSize(heads, time, false));
  }

  /** y from x, both [rows, C]. */
  public void forward(Pass pass, Activation x, Activation y) {
    inProjection.forward(pass, x, qkv);
    if (queryNorm != null) {
      queryNorm.forward(pass);
      keyNorm.forward(pass);
    }
    if (valueEmbedding != null) {
      valueEmbedding.forward(pass, v);
    }
    positions.rotate(pass, q, k);
    LayerEvent event = LayerEvent.start(pass.member());
    if (queryNorm != null || valueEmbedding != null) {
      // Positions may have nothing to do here, and heads are computed by other members than rows.
      pass.barrier();
    }
    if (pass.decoding() == null) {
      attend(pass);
    } else {
      decode(pass);
    }
    LayerEvent.end(event, coreForward, ownPairs(pass));
    outProjection.forward(pass, mixed, y);
  }

  private void attend(Pass pass) {
    Batch batch = pass.batch();
    Matrix kept =
        probabilities == null || !pass.keepsForBackward() ? null : pass.view(probabilities);
    int to = lastUnit(pass);
    for (int unit = firstUnit(pass); unit < to; unit++) {
      int document = unit / heads.keyValues();
      int head = unit % heads.keyValues();
      attention.forward(
          heads,
          head,
          batch.firstRow(document),
          batch.length(document),
          pass.view(q),
          pass.view(k),
          pass.view(v),
          pass.view(mixed),
          kept,
          keptRow(batch, document, head),
          pass.ownScratch());
    }
  }

  /**
   * The one row of a token against the keys and values so far, its own among them. A member keeps
   * to its key/value heads, so no barrier is needed.
   */
  private void decode(Pass pass) {
    Decoding decoding = pass.decoding();
    KeyValueCache past = decoding.cache(cache);
    int position = decoding.position();
    int to = pass.member().to(heads.keyValues(), 1);
    for (int head = pass.member().from(heads.keyValues(), 1); head < to; head++) {
      past.put(position, head, pass.view(k), pass.view(v), 0);
      attention.decode(
          heads,
          head,
          position + 1,
          pass.view(q),
          past.keys(),
          past.values(),
          pass.view(mixed),
          decoding.scores());
    }
  }

  /** dx from dy (both overwritten), both [rows, C]. */
  public void backward(Pass pass, Activation x, Activation dy, Activation dx) {
    outProjection.backward(pass, mixed, dy, dMixed);
    LayerEvent event = LayerEvent.start(pass.member());
    Batch batch = pass.batch();
    Matrix kept = probabilities == null ? null : pass.view(probabilities);
    int to = lastUnit(pass);
    for (int unit = firstUnit(pass); unit < to; unit++) {
      int document = unit / heads.keyValues();
      int head = unit % heads.keyValues();
      attention.backward(
          heads,
          head,
          batch.firstRow(document),
          batch.length(document),
          pass.view(q),
          pass.view(k),
          pass.view(v),
          kept,
          keptRow(batch, document, head),
          pass.view(dMixed),
          pass.view(dq),
          pass.view(dk),
          pass.view(dv),
          pass.ownScratch());
    }
    LayerEvent.end(event, coreBackward, ownPairs(pass));
    positions.rotateBackward(pass, dq, dk);
    if (valueEmbedding != null) {
      valueEmbedding.backward(pass, dv);
    }
    if (queryNorm != null) {
      normBackward(pass);
    }
    inProjection.backward(pass, x, dQkv, dx);
  }

  private void normBackward(Pass pass) {
    // Gains sum over rows that other members have turned or computed.
    pass.barrier();
    Matrix d = pass.view(dProjectedQk);
    for (int row = pass.fromRow(); row < pass.toRow(); row++) {
      Arrays.fill(d.data(), d.offset(row), d.offset(row) + d.columns(), 0f);
    }
    queryNorm.backward(pass);
    keyNorm.backward(pass);
  }

  /** Where a unit's probabilities are kept: behind those of all rows of documents before it. */
  private int keptRow(Batch batch, int document, int head) {
    return batch.firstRow(document) * heads.queries()
        + head * heads.group() * batch.length(document);
  }

  /** This member's pairs of a key and a query that sees it, for each key/value head. */
  private long ownPairs(Pass pass) {
    if (pass.decoding() != null) {
      int own = pass.member().to(heads.keyValues(), 1) - pass.member().from(heads.keyValues(), 1);
      return own * (pass.decoding().position() + 1L);
    }
    int to = lastUnit(pass);
    long pairs = 0;
    for (int unit = firstUnit(pass); unit < to; unit++) {
      pairs += pass.batch().pairs(unit / heads.keyValues());
    }
    return pairs;
  }

  private int firstUnit(Pass pass) {
    return firstUnit(pass.batch(), pass.member().index(), pass.member().teamSize());
  }

  private int lastUnit(Pass pass) {
    return firstUnit(pass.batch(), pass.member().index() + 1, pass.member().teamSize());
  }

  /** The first unit whose middle, in pairs of all units one after another, lies in that part. */
  private int firstUnit(Batch batch, int part, int parts) {
    long twiceBegin = 2L * heads.keyValues() * batch.pairs() * part;
    int units = batch.documents() * heads.keyValues();
    long before = 0;
    for (int unit = 0; unit < units; unit++) {
      long pairs = batch.pairs(unit / heads.keyValues());
      if ((2 * before + pairs) * parts >= twiceBegin) {
        return unit;
      }
      before += pairs;
    }
    return units;
  }

  /** See {@link Linear#flopsPerRow}; without the products between positions. */
  public long flopsPerRow() {
    return inProjection.flopsPerRow() + outProjection.flopsPerRow();
  }

  /** See {@link Linear#backwardFlopsPerRow}; without the products between positions. */
  public long backwardFlopsPerRow() {
    return inProjection.backwardFlopsPerRow() + outProjection.backwardFlopsPerRow();
  }

  /** Operations of one of the two products between positions, for one pair of them. */
  public long flopsPerPair() {
    return 2L * heads.queryWidth();
  }
}
