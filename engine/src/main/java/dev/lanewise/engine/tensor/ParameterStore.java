package dev.lanewise.engine.tensor;

import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.kernels.Matrix;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * One value per parameter in one flat array, with named views: the weights themselves, or, of the
 * trainable parameters only, their gradients or an optimizer's state. Stores of one layout can be
 * walked side by side.
 */
public final class ParameterStore {

  private final ParameterLayout layout;
  private final List<Parameter> parameters;
  private final float[] data;
  private final Matrix[] views;
  private final Matrix[] transposed;

  private ParameterStore(ParameterLayout layout, List<Parameter> parameters, int size) {
    this.layout = layout;
    this.parameters = parameters;
    this.data = new float[size];
    this.views = new Matrix[layout.parameters().size()];
    this.transposed = new Matrix[views.length];
    for (Parameter parameter : parameters) {
      int columns = parameter.rowSize();
      int rows = parameter.size() / columns;
      int offset = layout.offset(parameter);
      Matrix view =
          parameter.shape().rank() == 1
              ? Matrix.row(data, offset, columns)
              : Matrix.of(data, offset, columns);
      views[parameter.index()] = view;
      transposed[parameter.index()] = view.transposed(rows);
    }
  }

  /** Makes a store of zeros for all parameters. */
  public ParameterStore(ParameterLayout layout) {
    this(layout, layout.parameters(), layout.size());
  }

  /** Makes a store of zeros for the parameters that are trained as a whole. */
  public static ParameterStore ofTrainable(ParameterLayout layout) {
    return new ParameterStore(layout, layout.trainable(), layout.trainableSize());
  }

  /** Makes a store of zeros for the same parameters as this one. */
  public ParameterStore emptyCopy() {
    return new ParameterStore(layout, parameters, data.length);
  }

  /** Returns where each parameter lies. */
  public ParameterLayout layout() {
    return layout;
  }

  /** Returns the parameters that the store has values for, in order of their offsets. */
  public List<Parameter> parameters() {
    return parameters;
  }

  /** Returns the flat array itself. */
  public float[] data() {
    return data;
  }

  /**
   * Returns a view of one parameter.
   *
   * @throws NoSuchElementException if there is none of that name, or no value for it here, as there
   *     is no gradient of a frozen one
   */
  public FloatTensor tensor(String name) {
    return tensor(layout.parameter(name));
  }

  /**
   * Returns a view of one parameter.
   *
   * @throws NoSuchElementException if there is no value for it here
   */
  public FloatTensor tensor(Parameter parameter) {
    if (views[parameter.index()] == null) {
      throw new NoSuchElementException(
          parameter.name()
              + (parameter.trainedByRow()
                  ? " is trained by row: it has no gradient as a whole"
                  : " is not trained: it has no gradient and no optimizer state"));
    }
    return new FloatTensor(data, layout.offset(parameter), parameter.shape());
  }

  /** Returns one parameter for kernels: a matrix, or a vector as a row that repeats. */
  public Matrix matrix(Parameter parameter) {
    return views[parameter.index()];
  }

  /** Returns the transpose of one parameter for kernels. */
  public Matrix transposed(Parameter parameter) {
    return transposed[parameter.index()];
  }

  /** Fills all parameters by their initializers: a function of the seed alone. */
  public void initialize(long seed) {
    for (Parameter parameter : parameters) {
      RandomStream random = new RandomStream(seed, RandomStream.INITIALIZATION, parameter.index());
      parameter.initializer().fill(tensor(parameter), random);
    }
  }
}
