package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Shape;

/** How the elements of a tensor in a file lie in a parameter. */
final class StoredLayout {

  /** Columns of a parameter that are filled row by row. */
  private static final int BLOCK = 16;

  private final Parameter parameter;
  private final StoredTensor stored;
  private final int rows;

  StoredLayout(Parameter parameter, StoredTensor stored) {
    this.parameter = parameter;
    this.stored = stored;
    this.rows = parameter.size() / parameter.rowSize();
  }

  /** Whether the tensor is the parameter as it lies. */
  boolean isWhole() {
    return !stored.transposed() && stored.isInOrder() && stored.columns() == parameter.rowSize();
  }

  /** The shape in the file. */
  Shape shape() {
    if (parameter.shape().rank() == 1) {
      return Shape.of(stored.columns());
    }
    return stored.transposed()
        ? Shape.of(stored.columns(), rows)
        : Shape.of(rows, stored.columns());
  }

  /** The part of the parameter, as the file has it. */
  FloatTensor extract(FloatTensor whole) {
    FloatTensor part = ModelFolder.zeros(shape());
    for (int i = 0; i < part.size(); i++) {
      part.set(i, whole.get(place(i)));
    }
    return part;
  }

  /**
   * Puts the part that a file has into the parameter.
   *
   * @param part the elements in the file's order
   * @param whole the parameter's from {@code offset} on
   */
  void insert(float[] part, float[] whole, int offset) {
    if (stored.transposed() && stored.isInOrder()) {
      transpose(part, whole, offset + stored.fromColumn());
      return;
    }
    int size = rows * stored.columns();
    for (int i = 0; i < size; i++) {
      whole[offset + place(i)] = part[i];
    }
  }

  /** In blocks, so that the lines of both stay in cache. */
  private void transpose(float[] part, float[] whole, int offset) {
    int columns = stored.columns();
    for (int j = 0; j < columns; j += BLOCK) {
      int end = Math.min(j + BLOCK, columns);
      for (int i = 0; i < rows; i++) {
        int to = offset + i * parameter.rowSize();
        for (int c = j; c < end; c++) {
          whole[to + c] = part[c * rows + i];
        }
      }
    }
  }

  /** Where element i of the file lies in the parameter, both in row-major order. */
  private int place(int i) {
    int row = stored.transposed() ? i % rows : i / stored.columns();
    int column = stored.transposed() ? i / rows : i % stored.columns();
    int place = stored.isInOrder() ? column : stored.interleaved().place(column, stored.columns());
    return row * parameter.rowSize() + stored.fromColumn() + place;
  }
}
