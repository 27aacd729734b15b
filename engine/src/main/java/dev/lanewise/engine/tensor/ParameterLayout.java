package dev.lanewise.engine.tensor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** Names, shapes and places of all parameters in one flat array. Immutable once built. */
public final class ParameterLayout {

  private final Map<String, Parameter> byName;
  private final List<Parameter> parameters;
  private final int size;

  private ParameterLayout(Map<String, Parameter> byName, int size) {
    this.byName = byName;
    this.parameters = List.copyOf(byName.values());
    this.size = size;
  }

  /** Begins an empty layout. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns all parameters in order of their offsets. */
  public List<Parameter> parameters() {
    return parameters;
  }

  /**
   * Returns the parameter of that name.
   *
   * @throws NoSuchElementException if there is none
   */
  public Parameter parameter(String name) {
    Parameter parameter = byName.get(name);
    if (parameter == null) {
      throw new NoSuchElementException("no parameter " + name);
    }
    return parameter;
  }

  /** Returns the length of a flat array of this layout. */
  public int size() {
    return size;
  }

  /** Lays parameters out one after another. */
  public static final class Builder {

    private final Map<String, Parameter> byName = new LinkedHashMap<>();
    private long size;

    private Builder() {}

    /**
     * Adds a parameter after the others.
     *
     * @throws IllegalArgumentException if the name is taken, or the total exceeds what a float
     *     array holds
     */
    public Parameter add(String name, int... dimensions) {
      Shape shape = Shape.of(dimensions);
      Parameter parameter = new Parameter(name, shape, byName.size(), (int) size);
      size += shape.size();
      if (size > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(
            "the parameters up to "
                + name
                + " number "
                + size
                + ", more than one float array holds (2^31); make the model smaller");
      }
      if (byName.putIfAbsent(name, parameter) != null) {
        throw new IllegalArgumentException("parameter " + name + " is there already");
      }
      return parameter;
    }

    /** Returns the layout of what was added. */
    public ParameterLayout build() {
      return new ParameterLayout(new LinkedHashMap<>(byName), (int) size);
    }
  }
}
