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
 *
 * @param share how much of a head turns, above 0 to 1
 */
record RotaryFields(double theta, double share, RotaryScaling scaling) {

  private static final String PARAMETERS = "rope_parameters";
  private static final String SCALING = "rope_scaling";
  private static final String THETA = "rope_theta";
  private static final String SHARE = "partial_rotary_factor";

  /** As {@link #read(ConfigFields, String, String, double)}, for heads that turn as a whole. */
  static RotaryFields read(ConfigFields fields) throws InvalidFileException {
    RotaryFields read = read(fields, THETA, SHARE, 1);
    if (read.share != 1) {
      throw fields.problem(SHARE, read.share + " is not supported, only 1");
    }
    return read;
  }

  /**
   * Reads either form.
   *
   * @param formerTheta what the base was called in version 4
   * @param formerShare what the share that turns was called
   * @param standardShare the share where none is said
   * @throws InvalidFileException if the base is missing, or there are two, because a wrong one
   *     would not be noticed; or if the type of scaling is not supported
   */
  static RotaryFields read(
      ConfigFields fields, String formerTheta, String formerShare, double standardShare)
      throws InvalidFileException {
    ConfigFields parameters = fields.object(PARAMETERS);
    ConfigFields scaling = fields.object(SCALING);
    ConfigFields inner = parameters == null ? scaling : parameters;
    boolean current = inner != null && inner.has(THETA);
    ConfigFields holder = current ? inner : fields;
    String name = current ? THETA : formerTheta;
    if (!holder.has(name)) {
      throw fields.problem(
          name,
          "missing, here and in %s; without it all positions would be wrong".formatted(PARAMETERS));
    }
    double theta = holder.positive(name, 1);
    requireNoOtherBase(fields, formerTheta, theta);
    requireNoOtherBase(parameters, THETA, theta);
    requireNoOtherBase(scaling, THETA, theta);
    return new RotaryFields(
        theta,
        share(fields, inner, formerShare, standardShare),
        scaling(fields, parameters, scaling));
  }

  /** Of two bases different versions of transformers take different ones, without a word. */
  private static void requireNoOtherBase(ConfigFields place, String name, double theta)
      throws InvalidFileException {
    if (place != null && place.has(name) && place.positive(name, 1) != theta) {
      throw place.problem(
          name,
          "%s, but %s elsewhere in the file; take out the one that is wrong"
              .formatted(place.positive(name, 1), theta));
    }
  }

  /** Where a file has both objects, version 5 of transformers takes the former one. */
  private static RotaryScaling scaling(
      ConfigFields fields, ConfigFields parameters, ConfigFields scaling)
      throws InvalidFileException {
    if (scaling != null && !scaling.names().isEmpty()) {
      return scaling(fields, SCALING, scaling);
    }
    return parameters == null ? new RotaryScaling.None() : scaling(fields, PARAMETERS, parameters);
  }

  private static double share(
      ConfigFields fields, ConfigFields inner, String former, double standard)
      throws InvalidFileException {
    boolean current = inner != null && inner.has(SHARE);
    ConfigFields holder = current ? inner : fields;
    String name = current ? SHARE : former;
    double share = holder.positive(name, standard);
    if (share > 1) {
      throw holder.problem(name, share + " is more than a whole head");
    }
    return share;
  }

  private static RotaryScaling scaling(ConfigFields fields, String place, ConfigFields inner)
      throws InvalidFileException {
    // The second name is that of older files.
    String type = inner.string("rope_type", inner.string("type", "default"));
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
    if (rotary.rotated() < rotary.headSize()) {
      parameters.put(SHARE, share(rotary));
    }
    fields.put(PARAMETERS, parameters);
  }

  /** Of a head: the number that gives what turns when it is multiplied and cut to an integer. */
  static double share(RotaryPositions.Choice rotary) {
    double share = (double) rotary.rotated() / rotary.headSize();
    return (int) (share * rotary.headSize()) == rotary.rotated() ? share : Math.nextUp(share);
  }

  private static Object whole(double value) {
    return value == Math.rint(value) && value < Integer.MAX_VALUE ? (Object) (int) value : value;
  }
}
