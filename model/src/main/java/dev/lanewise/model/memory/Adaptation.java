package dev.lanewise.model.memory;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.Role;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which weights of a model have something of low rank added to them (LoRA, Hu et al., 2021): W' = W
 * + scale · A B, in our order of rows and columns. Then only these A and B are trained.
 *
 * <p>A weight that is several matrices side by side may have an A and a B for each. The A's lie
 * side by side in one parameter [in, parts · rank], each B is one of [out, rank].
 *
 * @param rank of each product A B
 * @param scale what it is multiplied by
 * @param dropout rate of dropout of the input of A in training, with a mask for each A
 * @param targets what is added to, by the names of weights
 */
public record Adaptation(int rank, float scale, float dropout, Map<String, List<Columns>> targets) {

  /** Of a model that is as it is. */
  public static final Adaptation NONE = new Adaptation(0, 0, 0, Map.of());

  private static final String WEIGHT = ".weight";
  private static final String DOWN = ".lora_a";
  private static final String UP = ".lora_b.";

  /** Dropouts of adapters have streams from here on, one for each A. */
  private static final int STREAMS = 1 << 24;

  /**
   * Columns of a weight that one product is added to.
   *
   * @param name of the matrix that they are
   */
  public record Columns(String name, int from, int count) {}

  /** Copies the map, in its order. */
  public Adaptation {
    Map<String, List<Columns>> copy = new LinkedHashMap<>();
    targets.forEach((name, columns) -> copy.put(name, List.copyOf(columns)));
    targets = Collections.unmodifiableMap(copy);
  }

  /** Returns whether nothing is added. */
  public boolean isNone() {
    return targets.isEmpty();
  }

  /** Returns what is added to a weight, by its name. */
  public List<Columns> of(String weight) {
    return targets.getOrDefault(weight, List.of());
  }

  /** Returns whether a parameter is an A or a B. */
  public static boolean isPart(Parameter parameter) {
    return parameter.role() == Role.ADAPTER;
  }

  /** Returns whether a parameter of that name is an A or a B. */
  public static boolean isPart(String name) {
    return name.endsWith(DOWN) || name.contains(UP);
  }

  /** Returns the name of the A's [in, parts · rank] of a weight. */
  public static String down(String weight) {
    return stem(weight) + DOWN;
  }

  /** Returns the name of the B [out, rank] of some columns of a weight. */
  public static String up(String weight, Columns columns) {
    return stem(weight) + UP + columns.name();
  }

  private static String stem(String weight) {
    if (!weight.endsWith(WEIGHT)) {
      throw new IllegalArgumentException(weight + " is not the weight of a layer");
    }
    return weight.substring(0, weight.length() - WEIGHT.length());
  }

  /**
   * Returns the random stream of the dropout before an A.
   *
   * @param down the A's of all parts of a weight, behind which their B's are numbered
   * @param part which of them
   */
  public static int dropoutStream(Parameter down, int part) {
    return STREAMS + down.index() + part;
  }

  /**
   * What is added to some columns of a weight.
   *
   * @param down the A's of all parts of the weight
   * @param part which of these is its own: columns from {@code part · rank} on
   */
  public record Part(Parameter weight, Columns columns, Parameter down, int part, Parameter up) {}

  /** Returns all parts, in the order of a layout that has them. */
  public List<Part> parts(ParameterLayout layout) {
    List<Part> parts = new ArrayList<>();
    for (Parameter weight : layout.inOrderOfCreation()) {
      List<Columns> columns = of(weight.name());
      for (int i = 0; i < columns.size(); i++) {
        Parameter down = layout.parameter(down(weight.name()));
        Parameter up = layout.parameter(up(weight.name(), columns.get(i)));
        parts.add(new Part(weight, columns.get(i), down, i, up));
      }
    }
    return parts;
  }
}
