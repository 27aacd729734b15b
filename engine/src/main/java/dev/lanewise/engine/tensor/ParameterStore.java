package dev.lanewise.engine.tensor;

/**
 * One value per parameter in one flat array, with named views: the weights themselves, or their
 * gradients, or an optimizer's moments. Stores of one layout can be walked side by side.
 */
public final class ParameterStore {

  private final ParameterLayout layout;
  private final float[] data;

  /** Makes a store of zeros. */
  public ParameterStore(ParameterLayout layout) {
    this.layout = layout;
    this.data = new float[layout.size()];
  }

  /** Returns where each parameter lies. */
  public ParameterLayout layout() {
    return layout;
  }

  /** Returns the flat array itself. */
  public float[] data() {
    return data;
  }

  /**
   * Returns a view of one parameter.
   *
   * @throws java.util.NoSuchElementException if there is none of that name
   */
  public FloatTensor tensor(String name) {
    return tensor(layout.parameter(name));
  }

  /** Returns a view of one parameter. */
  public FloatTensor tensor(Parameter parameter) {
    return new FloatTensor(data, parameter.offset(), parameter.shape());
  }
}
