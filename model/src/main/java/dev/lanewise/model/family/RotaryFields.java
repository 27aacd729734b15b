package dev.lanewise.model.family;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.layer.RotaryPositions;
import dev.lanewise.model.layer.RotaryScaling;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Rotary positions in {@code config.json}: where transformers 4 puts them ({@code rope_theta},
 * {@code rope_scaling}) and where version 5 does ({@code rope_parameters}).
 */
record RotaryFields(double theta, RotaryScaling scaling) {

  private static final String PARAMETERS = "rope_parameters";
  private static final String SCALING = "rope_scaling";
  private static final String THETA = "rope_theta";

  /**
   * Reads either form.
   *
   * @throws InvalidFileException if the base is missing, because a wrong one would not be noticed,
   *     or the type of scaling is not supported
   */
  static RotaryFields read(ConfigFields fields) throws InvalidFileException {
    ConfigFields inner = fields.object(PARAMETERS);
    String place = PARAMETERS;
    if (inner == null) {
      inner = fields.object(SCALING);
      place = SCALING;
    }
    ConfigFields holder = inner != null && inner.has(THETA) ? inner : fields;
    if (!holder.has(THETA)) {
      throw fields.problem(
          THETA,
          "missing, here and in %s; without it all positions would be wrong".formatted(PARAMETERS));
    }
    double theta = holder.positive(THETA, 1);
    return new RotaryFields(
        theta, inner == null ? new RotaryScaling.None() : scaling(fields, place, inner));
  }

  private static RotaryScaling scaling(ConfigFields fields, String place, ConfigFields inner)
      throws InvalidFileException {
    // The second name is that of older files.
    String type = inner.string("rope_type", inner.string("type", "default"));
    if (inner.number("partial_rotary_factor", 1) != 1) {
      throw inner.problem("partial_rotary_factor", "is not supported, only 1");
    }
    return switch (type) {
      case "default" -> new RotaryScaling.None();
      case "linear" -> new RotaryScaling.Linear(required(inner, "factor"));
      case "llama3" ->
          new RotaryScaling.Llama3(
              required(inner, "factor"),
              required(inner, "low_freq_factor"),
              required(inner, "high_freq_factor"),
              required(inner, "original_max_position_embeddings"));
      default ->
          throw fields.problem(
              place + ".rope_type",
              "%s is not supported, only default, linear and llama3"
                  .formatted(InvalidFileException.quote(type)));
    };
  }

  private static double required(ConfigFields inner, String name) throws InvalidFileException {
    if (!inner.has(name)) {
      throw inner.problem(name, "missing");
    }
    return inner.positive(name, 1);
  }

  /** Writes both forms. */
  static void write(RotaryPositions.Choice rotary, Map<String, Object> fields) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("rope_type", "default");
    RotaryScaling scaling = rotary.scaling();
    if (scaling instanceof RotaryScaling.Linear linear) {
      parameters.put("rope_type", "linear");
      parameters.put("factor", linear.factor());
    } else if (scaling instanceof RotaryScaling.Llama3 llama) {
      parameters.put("rope_type", "llama3");
      parameters.put("factor", llama.factor());
      parameters.put("low_freq_factor", llama.lowFrequency());
      parameters.put("high_freq_factor", llama.highFrequency());
      parameters.put("original_max_position_embeddings", whole(llama.original()));
    }
    fields.put(THETA, rotary.theta());
    fields.put(
        SCALING, scaling instanceof RotaryScaling.None ? null : new LinkedHashMap<>(parameters));
    parameters.put(THETA, rotary.theta());
    fields.put(PARAMETERS, parameters);
  }

  private static Object whole(double value) {
    return value == Math.rint(value) && value < Integer.MAX_VALUE ? (Object) (int) value : value;
  }
}
