package dev.lanewise.engine.tensor;

import java.util.Objects;

/**
 * A view of a slice of a {@code float[]} as a tensor, row-major and contiguous. A view: it shares
 * the array, and is as mutable as the array is.
 */
public final class FloatTensor {

  private final float[] data;
  private final int offset;
  private final Shape shape;

  /**
   * Makes a view.
   *
   * @throws IndexOutOfBoundsException if the array ends before the tensor does
   */
  public FloatTensor(float[] data, int offset, Shape shape) {
    Objects.checkFromIndexSize(offset, shape.size(), data.length);
    this.data = data;
    this.offset = offset;
    this.shape = shape;
  }

  /** Returns the array that the view shares. */
  public float[] data() {
    return data;
  }

  /** Returns where in the array the first element is. */
  public int offset() {
    return offset;
  }

  /** Returns the dimensions. */
  public Shape shape() {
    return shape;
  }

  /** Returns the number of elements. */
  public int size() {
    return shape.size();
  }

  /** Returns element i in row-major order. */
  public float get(int i) {
    return data[offset + Objects.checkIndex(i, size())];
  }

  /** Sets element i in row-major order. */
  public void set(int i, float value) {
    data[offset + Objects.checkIndex(i, size())] = value;
  }

  /** Returns a copy of the elements in row-major order. */
  public float[] toArray() {
    float[] copy = new float[size()];
    System.arraycopy(data, offset, copy, 0, copy.length);
    return copy;
  }
}
