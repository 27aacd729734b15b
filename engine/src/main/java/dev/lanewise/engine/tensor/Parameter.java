package dev.lanewise.engine.tensor;

/**
 * The place of one parameter tensor in the flat arrays that share a {@link ParameterLayout}: the
 * weights, each shard's gradients, the optimizer's moments.
 *
 * @param index its number in the layout
 * @param offset its first element
 */
public record Parameter(String name, Shape shape, int index, int offset) {

  /** Returns the number of elements. */
  public int size() {
    return shape.size();
  }

  /** Whether weight decay applies: to matrices, and not to biases and gains. */
  public boolean isMatrix() {
    return shape.rank() >= 2;
  }
}
