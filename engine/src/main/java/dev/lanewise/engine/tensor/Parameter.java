package dev.lanewise.engine.tensor;

import java.util.List;

/**
 * One parameter tensor of a model. Where it lies in a flat array is the {@link ParameterLayout}'s
 * business.
 *
 * @param name unique in its model
 * @param role what it is for
 * @param initializer what it holds before training
 * @param parts widths of the matrices of which it is made side by side, as queries, keys and values
 *     are; of a matrix by itself, its own
 * @param trainable whether training changes it
 * @param index its number in the order in which the model's layers made it
 */
public record Parameter(
    String name,
    Shape shape,
    List<Integer> parts,
    Role role,
    Initializer initializer,
    boolean trainable,
    int index) {

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if they are not as wide as the rows
   */
  public Parameter {
    parts = List.copyOf(parts);
    int width = parts.stream().mapToInt(Integer::intValue).sum();
    if (width != shape.dimension(shape.rank() - 1)) {
      throw new IllegalArgumentException(
          "parameter %s of %s cannot have parts of %s columns".formatted(name, shape, parts));
    }
  }

  /** Returns the number of elements. */
  public int size() {
    return shape.size();
  }

  /** Returns whether it is trained by row: it has no gradient as a whole. */
  public boolean trainedByRow() {
    return trainable && role == Role.TABLE;
  }

  /** Returns the elements of the last dimension: of a row, where it is a matrix. */
  public int rowSize() {
    return shape.dimension(shape.rank() - 1);
  }
}
