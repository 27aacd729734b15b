package dev.lanewise.engine.tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/**
 * Names, shapes and places of all parameters in one flat array: those that are trained as a whole
 * first, then tables that are trained by row, then frozen ones, each kind in the order in which it
 * was added. So gradients and optimizer state, which only the first have, are arrays of the same
 * layout that end earlier. Immutable once built.
 */
public final class ParameterLayout {

  private final List<Parameter> parameters;
  private final List<Parameter> trainable;
  private final List<Parameter> tables;
  private final Map<String, Parameter> byName;
  private final int[] offsets;
  private final int size;
  private final int trainableSize;

  private ParameterLayout(List<Parameter> added) {
    this.tables = added.stream().filter(Parameter::trainedByRow).toList();
    this.trainable =
        added.stream()
            .filter(parameter -> parameter.trainable() && !parameter.trainedByRow())
            .toList();
    List<Parameter> ordered = new ArrayList<>(trainable);
    ordered.addAll(tables);
    ordered.addAll(added.stream().filter(parameter -> !parameter.trainable()).toList());
    this.parameters = List.copyOf(ordered);
    this.byName = new HashMap<>();
    this.offsets = new int[added.size()];
    int offset = 0;
    for (Parameter parameter : ordered) {
      byName.put(parameter.name(), parameter);
      offsets[parameter.index()] = offset;
      offset += parameter.size();
    }
    this.size = offset;
    this.trainableSize = trainable.stream().mapToInt(Parameter::size).sum();
  }

  /** Begins an empty layout. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns all parameters in order of their offsets. */
  public List<Parameter> parameters() {
    return parameters;
  }

  /** Returns all parameters in the order in which they were added, whatever is trained. */
  public List<Parameter> inOrderOfCreation() {
    return parameters.stream().sorted(Comparator.comparingInt(Parameter::index)).toList();
  }

  /** Returns those that are trained as a whole, in order of their offsets. */
  public List<Parameter> trainable() {
    return trainable;
  }

  /** Returns those that are trained by row, in order of their offsets. */
  public List<Parameter> tables() {
    return tables;
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

  /** Returns whether there is a parameter of that name. */
  public boolean contains(String name) {
    return byName.containsKey(name);
  }

  /** Returns where a parameter begins. */
  public int offset(Parameter parameter) {
    return offsets[parameter.index()];
  }

  /** Returns the length of a flat array of all parameters. */
  public int size() {
    return size;
  }

  /** Returns the length of a flat array of those that are trained as a whole. */
  public int trainableSize() {
    return trainableSize;
  }

  /** Collects parameters. */
  public static final class Builder {

    private final List<Parameter> added = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private long size;

    private Builder() {}

    /**
     * Adds a parameter.
     *
     * @throws IllegalArgumentException if the name is taken, or the total exceeds what a float
     *     array holds
     */
    public Parameter add(
        String name, Role role, Initializer initializer, boolean trainable, int... dimensions) {
      List<Integer> itself = List.of(dimensions[dimensions.length - 1]);
      return add(name, itself, role, initializer, trainable, dimensions);
    }

    /** As the other one, for a parameter that is made of {@link Parameter#parts}. */
    public Parameter add(
        String name,
        List<Integer> parts,
        Role role,
        Initializer initializer,
        boolean trainable,
        int... dimensions) {
      Shape shape = Shape.of(dimensions);
      size += shape.size();
      if (size > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(
            "the parameters up to "
                + name
                + " number "
                + size
                + ", more than one float array holds (2^31); make the model smaller");
      }
      if (!names.add(name)) {
        throw new IllegalArgumentException("parameter " + name + " is there already");
      }
      Parameter parameter =
          new Parameter(name, shape, parts, role, initializer, trainable, added.size());
      added.add(parameter);
      return parameter;
    }

    /** Returns the layout of what was added. */
    public ParameterLayout build() {
      return new ParameterLayout(added);
    }
  }
}
