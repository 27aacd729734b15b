package dev.lanewise.engine.tensor;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.UnpackedMatrix;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Predicate;

/**
 * One value per parameter in one flat array, with named views: the weights themselves, or, of the
 * trainable parameters only, their gradients or an optimizer's state. These can be walked side by
 * side. A store of some parameters has places of its own for them.
 */
public final class ParameterStore {

  private final ParameterLayout layout;
  private final List<Parameter> parameters;
  private final int[] offsets;
  private final float[] data;
  private final UnpackedMatrix[] views;
  private final UnpackedMatrix[] transposed;

  private ParameterStore(ParameterLayout layout, List<Parameter> parameters) {
    this.layout = layout;
    this.parameters = parameters;
    this.data = new float[parameters.stream().mapToInt(Parameter::size).sum()];
    this.views = new UnpackedMatrix[layout.parameters().size()];
    this.transposed = new UnpackedMatrix[views.length];
    this.offsets = new int[views.length];
    int offset = 0;
    for (Parameter parameter : parameters) {
      int columns = parameter.rowSize();
      int rows = parameter.size() / columns;
      Matrix view =
          parameter.shape().rank() == 1
              ? Matrix.row(data, offset, columns)
              : Matrix.of(data, offset, columns);
      views[parameter.index()] = new UnpackedMatrix(view, rows);
      transposed[parameter.index()] = new UnpackedMatrix(view.transposed(rows), columns);
      offsets[parameter.index()] = offset;
      offset += parameter.size();
    }
  }

  /** Makes a store of zeros for all parameters. */
  public ParameterStore(ParameterLayout layout) {
    this(layout, layout.parameters());
  }

  /** Makes a store of zeros for the parameters that are trained as a whole. */
  public static ParameterStore ofTrainable(ParameterLayout layout) {
    return new ParameterStore(layout, layout.trainable());
  }

  /** Makes a store of zeros for the same parameters as this one. */
  public ParameterStore emptyCopy() {
    return new ParameterStore(layout, parameters);
  }

  /** Makes a store of zeros for some parameters, which lie in it one after another. */
  public static ParameterStore of(ParameterLayout layout, List<Parameter> parameters) {
    return new ParameterStore(layout, List.copyOf(parameters));
  }

  /** Copies all values here to another store of the layout, which has room for them at least. */
  public void copyTo(ParameterStore target) {
    for (Parameter parameter : parameters) {
      System.arraycopy(
          data, offset(parameter), target.data, target.offset(parameter), parameter.size());
    }
  }

  /** Returns all parameters of the model, and where they lie in its weights. */
  public ParameterLayout layout() {
    return layout;
  }

  /** Returns where a parameter that the store has values for begins in {@link #data}. */
  public int offset(Parameter parameter) {
    return offsets[parameter.index()];
  }

  /** Returns whether the store has values for a parameter. */
  public boolean contains(Parameter parameter) {
    return views[parameter.index()] != null;
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
    if (!contains(parameter)) {
      throw new NoSuchElementException(
          parameter.name()
              + (parameter.trainedByRow()
                  ? " is trained by row: it has no gradient as a whole"
                  : " is not trained: it has no gradient and no optimizer state"));
    }
    return new FloatTensor(data, offset(parameter), parameter.shape());
  }

  /** Returns one parameter for kernels: a matrix, or a vector as a row that repeats. */
  public Matrix matrix(Parameter parameter) {
    return views[parameter.index()].matrix();
  }

  /** Returns the transpose of one parameter for kernels. */
  public Matrix transposed(Parameter parameter) {
    return transposed[parameter.index()].matrix();
  }

  /** Returns one matrix, or its transpose, as an operand of products that need not be packed. */
  public UnpackedMatrix unpacked(Parameter parameter, boolean isTransposed) {
    return (isTransposed ? transposed : views)[parameter.index()];
  }

  /** Fills all parameters by their initializers: a function of the seed alone. */
  public void initialize(long seed) {
    initialize(seed, parameter -> true);
  }

  /**
   * As {@link #initialize(long)}, as many parameters at a time as there are workers. Not from
   * within a task.
   */
  public void initialize(long seed, WorkerPool pool) {
    List<Parameter> largestFirst =
        parameters.stream().sorted(Comparator.comparingInt(Parameter::size).reversed()).toList();
    pool.run(largestFirst.size(), (task, worker) -> initialize(seed, largestFirst.get(task)));
  }

  /** Fills some parameters, with what {@link #initialize(long)} would give them. */
  public void initialize(long seed, Predicate<Parameter> which) {
    for (Parameter parameter : parameters) {
      if (which.test(parameter)) {
        initialize(seed, parameter);
      }
    }
  }

  private void initialize(long seed, Parameter parameter) {
    RandomStream random = new RandomStream(seed, RandomStream.INITIALIZATION, parameter.index());
    parameter.initializer().fill(tensor(parameter), random);
  }
}
