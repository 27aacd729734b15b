package dev.lanewise.model.io;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.Precision;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/**
 * Named tensors on disk. What is wrong with a file is an {@link InvalidFileException}; other {@link
 * IOException}s mean that the disk or the permissions are at fault. Several threads may read at the
 * same time.
 */
public interface TensorReader extends Closeable {

  /** Returns the names of the tensors. */
  Set<String> names();

  /** Returns the file that holds a tensor, for messages; for no tensor, the one to name. */
  Path fileOf(String name);

  /**
   * Checks that there is a tensor of that name and shape whose elements are floating-point numbers,
   * without reading it.
   *
   * @throws InvalidFileException that says what was expected and what was found
   */
  void require(String name, Shape shape) throws InvalidFileException;

  /** Returns whether the elements are stored in more bits than they are read to. */
  boolean isNarrowed(String name);

  /**
   * Returns the least precision that has all elements as they are read.
   *
   * @param name of a tensor that {@link #require} found
   */
  Precision precision(String name);

  /**
   * Reads a tensor. Shorter floats are widened, which is exact; float64 is rounded.
   *
   * @param into receives the elements; its shape has to be the tensor's. After an exception its
   *     content is unspecified
   * @throws InvalidFileException if there is no such tensor, its type or shape is another, or an
   *     element is infinite or not a number
   */
  default void read(String name, FloatTensor into) throws IOException {
    read(name, into.shape(), 0, into.size(), into.data(), into.offset());
  }

  /**
   * As {@link #read(String, FloatTensor)}, some elements of a tensor.
   *
   * @param from the first of them, in row-major order
   * @param count how many
   * @param into receives them, from {@code offset} on
   */
  void read(String name, Shape shape, int from, int count, float[] into, int offset)
      throws IOException;
}
