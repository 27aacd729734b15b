package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Shape;

/** How the elements of a tensor in a file lie in a parameter. */
final class StoredLayout {

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

  /** Puts the part that a file has into the parameter. */
  void insert(FloatTensor part, FloatTensor whole) {
    for (int i = 0; i < part.size(); i++) {
      whole.set(place(i), part.get(i));
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
