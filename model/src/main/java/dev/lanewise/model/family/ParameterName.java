package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.Parameter;
import java.util.Map;

/**
 * The name of a parameter in its parts, as in {@code layers.3.} + {@code attention.output} + {@code
 * .weight}.
 *
 * @param layer {@code layers.i.}, or empty for what is no part of a layer
 * @param part what of it
 * @param kind {@code .weight} or {@code .bias}
 */
record ParameterName(String layer, String part, String kind) {

  private static final String LAYERS = "layers.";

  static ParameterName of(Parameter parameter) {
    String name = parameter.name();
    int part = name.startsWith(LAYERS) ? name.indexOf('.', LAYERS.length()) + 1 : 0;
    int kind = name.lastIndexOf('.');
    return new ParameterName(
        name.substring(0, part), name.substring(part, kind), name.substring(kind));
  }

  /** The name in files that call the layers something else. */
  ParameterName withLayers(String layers) {
    return new ParameterName(layer.replace(LAYERS, layers), part, kind);
  }

  /** Returns the whole name, with the name that a family gives the part. */
  String with(Map<String, String> names) {
    return layer + names.get(part) + kind;
  }

  boolean isHead() {
    return part.equals("head");
  }

  /** Whether it has a row for each token, which no file transposes. */
  boolean isTable() {
    return isHead() || part.equals("embedding");
  }
}
