package dev.lanewise.trainer.step;

import dev.lanewise.engine.cluster.Collectives;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.memory.WeightPanels.Piece;
import dev.lanewise.trainer.optim.OptimizerState;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Predicate;

/**
 * The part of the weights that a rank updates, and remembers of what its optimizer has to (ZeRO's
 * first stage: Rajbhandari et al., 2020): a run of the flat array, cut between pieces, or between
 * whole parameters where the optimizer needs them whole.
 */
final class RankPart {

  private final int[] bounds;
  private final int rank;
  private final List<Piece> own;
  private final List<Piece> others;

  /**
   * Cuts the weights.
   *
   * @param pieces of the weights that are trained, in order
   */
  RankPart(List<Piece> pieces, Predicate<Parameter> whole, int rank, int ranks) {
    this.bounds = bounds(pieces, whole, ranks);
    this.rank = rank;
    this.own = pieces.stream().filter(this::isOwn).toList();
    this.others = pieces.stream().filter(piece -> !isOwn(piece)).toList();
  }

  /** Each bound is the first place to cut at or behind an equal share. */
  private static int[] bounds(List<Piece> pieces, Predicate<Parameter> whole, int ranks) {
    int[] bounds = new int[ranks + 1];
    Piece last = pieces.getLast();
    int end = last.offset() + last.size();
    int next = 1;
    for (Piece piece : pieces) {
      boolean cuts = piece.row() == 0 || !whole.test(piece.parameter());
      while (cuts && next < ranks && piece.offset() >= (long) end * next / ranks) {
        bounds[next++] = piece.offset();
      }
    }
    for (; next <= ranks; next++) {
      bounds[next] = end;
    }
    return bounds;
  }

  private boolean isOwn(Piece piece) {
    return piece.offset() >= bounds[rank] && piece.offset() < bounds[rank + 1];
  }

  /** Rank r has what lies from bounds[r] to bounds[r + 1]. */
  int[] bounds() {
    return bounds.clone();
  }

  /** The pieces that this rank updates. */
  List<Piece> own() {
    return own;
  }

  /** The pieces that the other ranks update. */
  List<Piece> others() {
    return others;
  }

  /** Where the values of a rank lie of what is remembered of a parameter. */
  private MemorySegment values(ParameterStore store, Parameter parameter, int of) {
    int begin = store.layout().offset(parameter);
    int from = Math.clamp(bounds[of] - (long) begin, 0, parameter.size());
    int to = Math.clamp(bounds[of + 1] - (long) begin, 0, parameter.size());
    MemorySegment all = MemorySegment.ofArray(store.data());
    long at = (long) Float.BYTES * (store.offset(parameter) + from);
    return to > from ? all.asSlice(at, (long) Float.BYTES * (to - from)) : MemorySegment.NULL;
  }

  /** Moves what is remembered between a rank and rank 0, store by store and value by value. */
  private interface Move {
    void between(MemorySegment own, MemorySegment all);
  }

  /**
   * Gives each rank its part of what rank 0 has.
   *
   * @param all on rank 0; null elsewhere
   * @param kept this rank's own
   */
  void scatter(Collectives collectives, List<OptimizerState> all, List<OptimizerState> kept) {
    if (all == null) {
      forEach(kept, rank, part -> collectives.receive(0, part));
      return;
    }
    forOwn(all, kept, (own, whole) -> own.copyFrom(whole));
    for (int to = 1; to < bounds.length - 1; to++) {
      int receiver = to;
      forEach(all, receiver, part -> collectives.send(receiver, part));
    }
  }

  /** Gives rank 0 what all ranks have; the opposite of {@link #scatter}. */
  void collect(Collectives collectives, List<OptimizerState> all, List<OptimizerState> kept) {
    if (all == null) {
      forEach(kept, rank, part -> collectives.send(0, part));
      return;
    }
    forOwn(all, kept, (own, whole) -> whole.copyFrom(own));
    for (int from = 1; from < bounds.length - 1; from++) {
      int sender = from;
      forEach(all, sender, part -> collectives.receive(sender, part));
    }
  }

  private interface Part {
    void take(MemorySegment values);
  }

  private void forEach(List<OptimizerState> states, int of, Part action) {
    for (OptimizerState state : states) {
      for (Parameter parameter : state.values().parameters()) {
        MemorySegment values = values(state.values(), parameter, of);
        if (values.byteSize() > 0) {
          action.take(values);
        }
      }
    }
  }

  private void forOwn(List<OptimizerState> all, List<OptimizerState> kept, Move move) {
    for (int i = 0; i < kept.size(); i++) {
      ParameterStore own = kept.get(i).values();
      for (Parameter parameter : own.parameters()) {
        MemorySegment values = values(own, parameter, rank);
        if (values.byteSize() > 0) {
          move.between(values, values(all.get(i).values(), parameter, rank));
        }
      }
    }
  }
}
