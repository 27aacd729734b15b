package dev.lanewise.trainer.step;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.AdamWUpdate;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Reduction;
import dev.lanewise.kernels.RowAdam;
import dev.lanewise.model.memory.RowGradients;
import dev.lanewise.trainer.optim.Glide;
import java.util.Arrays;

/**
 * A table that is trained by row, and the rows of it that the step touches. What is said of a row
 * by its place among these, from 0 to {@link #count}, can be done for several at a time.
 */
final class TrainedTable {

  private static final int BYTE = 0xff;

  private final int number;
  private final String name;
  private final RowGradients[] gradients;
  private final Glide glide;
  private final float epsilon;
  private final RowAdam kernel;
  private final Reduction reduction;
  private final Matrix weights;
  private final Matrix m;
  private final Matrix v;
  private final float[] at;
  private final int atOffset;
  private final Matrix moving;
  private final float[] movingRows;
  private final int movingOffset;
  private final int mostMoving;
  private final int allRows;
  private final int shards;
  private final int[] places;
  private final int[] rows;
  private final int[] sorted;
  private final int[] counts = new int[BYTE + 1];
  private final int[] slots;
  private final float[] distance;
  private final float[] keepM;
  private final float[] keepV;
  private int count;

  /**
   * Takes a table into training.
   *
   * @param number of the table among those of the model
   * @param gradients of each shard
   * @param weights trained in place
   * @param most rows that a step can touch
   */
  TrainedTable(
      int number,
      Parameter parameter,
      RowGradients[] gradients,
      ParameterStore weights,
      TableState state,
      int most,
      float epsilon,
      Glide glide,
      KernelSet kernels) {
    String name = parameter.name();
    this.number = number;
    this.name = name;
    this.gradients = gradients;
    this.glide = glide;
    this.epsilon = epsilon;
    this.kernel = kernels.rowAdam();
    this.reduction = kernels.reduction();
    this.weights = weights.matrix(parameter);
    this.m = state.firstMoment().matrix(state.firstMoment().layout().parameter(name));
    this.v = state.secondMoment().matrix(state.secondMoment().layout().parameter(name));
    this.at = state.touchedAt().data();
    this.atOffset = state.touchedAt().tensor(name).offset();
    this.moving = state.moving().matrix(state.moving().layout().parameter(name));
    this.movingRows = state.movingRows().data();
    this.movingOffset = state.movingRows().tensor(name).offset();
    this.mostMoving = state.movingRows().tensor(name).size();
    this.allRows = TableState.rows(parameter);
    this.shards = gradients.length;
    this.places = new int[allRows];
    this.rows = new int[most];
    this.sorted = new int[most];
    this.slots = new int[Math.multiplyExact(most, shards)];
    this.distance = new float[most];
    this.keepM = new float[most];
    this.keepV = new float[most];
  }

  /** Returns the number of the table among those of the model. */
  int number() {
    return number;
  }

  /** Returns the rows that the step touches. */
  int count() {
    return count;
  }

  /** Collects the rows of all shards, in order of their numbers, and how far they have to move. */
  void collect(long step) {
    collectRows();
    placeRows();
    for (int i = 0; i < count; i++) {
      long touched = Math.abs((long) at[atOffset + rows[i]]);
      boolean fresh = touched == 0 || touched == step;
      distance[i] = fresh ? 0 : glide.distance(touched);
      keepM[i] = fresh ? 1 : glide.keepM(touched);
      keepV[i] = fresh ? 1 : glide.keepV(touched);
      at[atOffset + rows[i]] = step;
    }
  }

  private void collectRows() {
    count = 0;
    for (RowGradients shard : gradients) {
      int touched = shard.count(number);
      for (int slot = 0; slot < touched; slot++) {
        int row = shard.row(number, slot);
        int place = places[row];
        if (place >= count || rows[place] != row) {
          places[row] = count;
          rows[count++] = row;
        }
      }
    }
    sortRows();
  }

  /** By one byte of the number after the other; Arrays.sort makes an array at each partition. */
  private void sortRows() {
    int[] from = rows;
    int[] to = sorted;
    boolean elsewhere = false;
    for (int shift = 0; (allRows - 1) >>> shift > 0; shift += Byte.SIZE) {
      Arrays.fill(counts, 0);
      for (int i = 0; i < count; i++) {
        counts[(from[i] >>> shift) & BYTE]++;
      }
      int before = 0;
      for (int value = 0; value <= BYTE; value++) {
        int here = counts[value];
        counts[value] = before;
        before += here;
      }
      for (int i = 0; i < count; i++) {
        to[counts[(from[i] >>> shift) & BYTE]++] = from[i];
      }
      int[] next = from;
      from = to;
      to = next;
      elsewhere = !elsewhere;
    }
    if (elsewhere) {
      System.arraycopy(from, 0, rows, 0, count);
    }
  }

  private void placeRows() {
    for (int i = 0; i < count; i++) {
      places[rows[i]] = i;
    }
    Arrays.fill(slots, 0, count * shards, -1);
    for (int s = 0; s < shards; s++) {
      int touched = gradients[s].count(number);
      for (int slot = 0; slot < touched; slot++) {
        slots[places[gradients[s].row(number, slot)] * shards + s] = slot;
      }
    }
  }

  /** Brings a row to where its momentum has moved it. */
  void catchUp(int i) {
    if (keepV[i] != 1 || keepM[i] != 1) {
      kernel.glide(distance[i], keepM[i], keepV[i], epsilon, rows[i], weights, m, v);
    }
  }

  /** Adds a row's gradients in the order of the tree, and returns the sum of squares. */
  double reduce(int i) {
    int n = weights.columns();
    int first = i * shards;
    // Which shard's memory holds the sum that has come to a place of the tree.
    for (int s = 0; s < shards; s++) {
      slots[first + s] = slots[first + s] < 0 ? -1 : slots[first + s] * shards + s;
    }
    for (int stride = 1; stride < shards; stride *= 2) {
      for (int s = 0; s + stride < shards; s += 2 * stride) {
        int right = slots[first + s + stride];
        int left = slots[first + s];
        if (left < 0) {
          slots[first + s] = right;
        } else if (right >= 0) {
          reduction.add(n, data(right), offset(right), data(left), offset(left));
        }
      }
    }
    int sum = slots[first];
    return reduction.sumOfSquares(n, data(sum), offset(sum));
  }

  private float[] data(int place) {
    return gradients[place % shards].gradients(number).data();
  }

  private int offset(int place) {
    return gradients[place % shards].gradients(number).offset(place / shards);
  }

  /** Changes a row by its gradient, which has been reduced. */
  void update(AdamWUpdate.Step scalars, int i) {
    int sum = slots[i * shards];
    Matrix gradient = gradients[sum % shards].gradients(number);
    kernel.update(scalars, rows[i], weights, m, v, sum / shards, gradient);
    at[atOffset + rows[i]]++;
  }

  /** Moves all rows to where their momentum has brought them, and remembers those that move. */
  void settle() {
    int next = 0;
    for (int row = 0; row < allRows; row++) {
      float when = at[atOffset + row];
      // Zero if never touched, negative if it rests where it is.
      if (when <= 0 || glide.missed((long) when) == 0) {
        continue;
      }
      long touched = (long) when;
      boolean rests = glide.rests(touched);
      if (!rests) {
        int columns = weights.columns();
        System.arraycopy(
            weights.data(), weights.offset(row), moving.data(), moving.offset(next), columns);
        movingRows[movingOffset + next] = row + 1;
        next++;
      }
      kernel.glide(glide.distance(touched), rests ? 0 : 1, 1, epsilon, row, weights, m, v);
      if (rests) {
        at[atOffset + row] = -when;
      }
    }
    clearMoving(next);
  }

  /** Zeros behind the rows that move, so that a state has one form only. */
  private void clearMoving(int from) {
    for (int i = from; i < mostMoving && movingRows[movingOffset + i] > 0; i++) {
      movingRows[movingOffset + i] = 0;
      Arrays.fill(moving.data(), moving.offset(i), moving.offset(i) + moving.columns(), 0);
    }
  }

  /** Numbers of rows and of steps are read as such, so no other numbers may be there. */
  void requireSound(long steps) {
    for (int row = 0; row < allRows; row++) {
      float when = at[atOffset + row];
      if (when != Math.rint(when) || Math.abs(when) > steps) {
        throw new IllegalArgumentException(
            "row %d of %s was changed after %s steps of %d".formatted(row, name, when, steps));
      }
    }
    float before = 0;
    for (int i = 0; i < mostMoving; i++) {
      float row = movingRows[movingOffset + i];
      boolean next = row > before && (i == 0 || before > 0) && row <= allRows;
      if (row != 0 && (!next || row != Math.rint(row) || at[atOffset + (int) row - 1] <= 0)) {
        throw new IllegalArgumentException(
            "%s, after %s, is no row of %s that moves".formatted(row, before, name));
      }
      before = row;
    }
  }

  /** Takes rows that move for touched by the last step, where they are now. */
  void moveOn(long steps) {
    for (int i = 0; i < mostMoving && movingRows[movingOffset + i] > 0; i++) {
      int row = (int) movingRows[movingOffset + i] - 1;
      long touched = (long) at[atOffset + row];
      kernel.glide(0, glide.keepM(touched), glide.keepV(touched), epsilon, row, weights, m, v);
      at[atOffset + row] = steps;
    }
    clearMoving(0);
  }

  /** Puts the rows that move back. */
  void unsettle() {
    for (int i = 0; i < mostMoving && movingRows[movingOffset + i] > 0; i++) {
      int row = (int) movingRows[movingOffset + i] - 1;
      int columns = weights.columns();
      System.arraycopy(
          moving.data(), moving.offset(i), weights.data(), weights.offset(row), columns);
    }
  }

  /** Returns the first row whose gradient is not finite, once reduced, or -1. */
  int firstBadGradient() {
    for (int i = 0; i < count; i++) {
      int sum = slots[i * shards];
      if (!Double.isFinite(reduction.sumOfSquares(weights.columns(), data(sum), offset(sum)))) {
        return rows[i];
      }
    }
    return -1;
  }

  /** Returns the parameter's name. */
  String name() {
    return name;
  }
}
