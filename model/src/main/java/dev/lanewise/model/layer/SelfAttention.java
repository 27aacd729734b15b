package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.kernels.Attention;
import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Decoding;
import dev.lanewise.model.memory.KeyValueCache;
import dev.lanewise.model.memory.Pass;

/**
 * Causal self-attention of several heads: one projection to queries, keys and values side by side,
 * the heads, and the projection back. The unit of work is a key/value head of a sequence with the
 * query heads that share it.
 */
public final class SelfAttention {

  private final String coreName;
  private final Heads heads;
  private final Positions positions;
  private final Linear inProjection;
  private final Linear outProjection;
  private final Activation qkv;
  private final Activation q;
  private final Activation k;
  private final Activation v;
  private final Activation probabilities;
  private final Activation mixed;
  private final Activation dMixed;
  private final Activation dQkv;
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
   */
  public record Choice(Heads heads, boolean inBias, boolean outBias) {}

  /**
   * Makes the layer {@code name}.
   *
   * @param keep whether the probabilities are kept from forward to backward: faster, and memory
   *     that grows with the square of the context. The bits are the same
   */
  public SelfAttention(
      Blueprint blueprint,
      String name,
      int width,
      Choice choice,
      Positions positions,
      boolean keep,
      Initializer hidden,
      Initializer residual) {
    this.coreName = name + ".core";
    this.heads = choice.heads;
    this.positions = positions;
    int queries = heads.queryWidth();
    int keys = heads.keyValueWidth();
    int all = queries + 2 * keys;
    this.inProjection = new Linear(blueprint, name + ".qkv", width, all, choice.inBias, hidden);
    this.outProjection =
        new Linear(blueprint, name + ".output", queries, width, choice.outBias, residual);
    this.qkv = blueprint.result(name + ".qkv", all);
    this.q = blueprint.columns(qkv, 0, queries);
    this.k = blueprint.columns(qkv, queries, keys);
    this.v = blueprint.columns(qkv, queries + keys, keys);
    int time = blueprint.time();
    this.probabilities =
        keep
            ? blueprint.keptForBackward(
                name + ".probabilities", blueprint.rows() * heads.queries(), time)
            : null;
    this.mixed = blueprint.result(name + ".core", queries);
    this.dMixed = blueprint.buffer(TransformerBlock.INNER, queries);
    this.dQkv = blueprint.buffer(TransformerBlock.INSIDE, all);
    this.dq = blueprint.columns(dQkv, 0, queries);
    this.dk = blueprint.columns(dQkv, queries, keys);
    this.dv = blueprint.columns(dQkv, queries + keys, keys);
    this.cache = blueprint.keyValueCache(heads);
    this.attention = blueprint.kernels().attention();
    blueprint.ownScratch(
        attention.scratchSize(heads, time, keep), attention.scratchSize(heads, time, false));
  }

  /** y from x, both [rows, C]. */
  public void forward(Pass pass, Activation x, Activation y) {
    inProjection.forward(pass, x, qkv);
    positions.rotate(pass, q, k);
    LayerEvent event = LayerEvent.start();
    if (pass.decoding() == null) {
      attend(pass);
    } else {
      decode(pass);
    }
    LayerEvent.end(event, coreName, "forward");
    outProjection.forward(pass, mixed, y);
  }

  private void attend(Pass pass) {
    int time = pass.batch().time();
    Matrix kept =
        probabilities == null || !pass.keepsForBackward() ? null : pass.view(probabilities);
    int to = lastUnit(pass);
    for (int unit = firstUnit(pass); unit < to; unit++) {
      int sequence = unit / heads.keyValues();
      attention.forward(
          heads,
          unit % heads.keyValues(),
          sequence * time,
          time,
          pass.view(q),
          pass.view(k),
          pass.view(v),
          pass.view(mixed),
          kept,
          unit * heads.group() * time,
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
    LayerEvent event = LayerEvent.start();
    int time = pass.batch().time();
    Matrix kept = probabilities == null ? null : pass.view(probabilities);
    int to = lastUnit(pass);
    for (int unit = firstUnit(pass); unit < to; unit++) {
      int sequence = unit / heads.keyValues();
      attention.backward(
          heads,
          unit % heads.keyValues(),
          sequence * time,
          time,
          pass.view(q),
          pass.view(k),
          pass.view(v),
          kept,
          unit * heads.group() * time,
          pass.view(dMixed),
          pass.view(dq),
          pass.view(dk),
          pass.view(dv),
          pass.ownScratch());
    }
    LayerEvent.end(event, coreName, "backward");
    positions.rotateBackward(pass, dq, dk);
    inProjection.backward(pass, x, dQkv, dx);
  }

  private int firstUnit(Pass pass) {
    return pass.member().from(pass.batch().sequences() * heads.keyValues(), 1);
  }

  private int lastUnit(Pass pass) {
    return pass.member().to(pass.batch().sequences() * heads.keyValues(), 1);
  }

  /** See {@link Linear#flopsPerRow}; without the products between positions. */
  public long flopsPerRow() {
    return inProjection.flopsPerRow() + outProjection.flopsPerRow();
  }

  /** Operations of one of the two products between positions, for one pair of them. */
  public long flopsPerPair() {
    return 2L * heads.queryWidth();
  }
}
