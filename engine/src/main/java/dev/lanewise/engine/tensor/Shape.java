package dev.lanewise.engine.tensor;

import java.util.Arrays;

/** The dimensions of a tensor, outermost first. Immutable. */
public final class Shape {

  private final int[] dimensions;
  private final int size;

  private Shape(int[] dimensions) {
    long product = 1;
    for (int dimension : dimensions) {
      if (dimension < 0) {
        throw new IllegalArgumentException("negative dimension in " + Arrays.toString(dimensions));
      }
      product *= dimension;
      if (product > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "shape "
                + Arrays.toString(dimensions)
                + " has more than 2^31 - 1 elements; make the model smaller");
      }
    }
    this.dimensions = dimensions;
    this.size = (int) product;
  }

  /**
   * Returns a shape.
   *
   * @throws IllegalArgumentException if a dimension is negative or the size exceeds an array's
   */
  public static Shape of(int... dimensions) {
    return new Shape(dimensions.clone());
  }

  /** Returns how many dimensions there are. */
  public int rank() {
    return dimensions.length;
  }

  /** Returns the size of one dimension. */
  public int dimension(int index) {
    return dimensions[index];
  }

  /** Returns the number of elements. */
  public int size() {
    return size;
  }

  /** Returns the dimensions as a new array. */
  public int[] toArray() {
    return dimensions.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dimensions, shape.dimensions);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dimensions);
  }

  @Override
  public String toString() {
    return Arrays.toString(dimensions);
  }
}
