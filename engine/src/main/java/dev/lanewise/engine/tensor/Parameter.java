package dev.lanewise.engine.tensor;

/**
 * One parameter tensor of a model. Where it lies in a flat array is the {@link ParameterLayout}'s
 * business.
 *
 * @param name unique in its model
 * @param role what it is for
 * @param initializer what it holds before training
 * @param trainable whether training changes it
 * @param index its number in the order in which the model's layers made it
 */
public record Parameter(
    String name, Shape shape, Role role, Initializer initializer, boolean trainable, int index) {

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
