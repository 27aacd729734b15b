package dev.lanewise.model.family;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import java.util.List;

/**
 * A window that limits how far back attention sees, which is supported only where it is not felt.
 */
final class SlidingWindow {

  private static final String WINDOW = "sliding_window";
  private static final String FIRST = "max_window_layers";

  /** What transformers takes for a Mistral or Qwen whose file does not name the window. */
  static final int STANDARD = 4096;

  /** For families that have no window unless the file names one. */
  static final int NONE = Integer.MAX_VALUE;

  private SlidingWindow() {}

  /**
   * Requires that no layer has a window shorter than the model's positions.
   *
   * @param standard the window of a file that does not name one, not even as null
   * @throws InvalidFileException that names the field
   */
  static void requireNone(ConfigFields fields, int positions, int standard)
      throws InvalidFileException {
    List<?> types = fields.list("layer_types");
    for (Object type : types) {
      if (!"full_attention".equals(type)) {
        throw fields.problem(
            "layer_types",
            "%s is not supported, only full_attention"
                .formatted(InvalidFileException.quote(String.valueOf(type))));
      }
    }
    // Qwen's files name a window that this switch turns off, or begin it behind the last layer.
    boolean used = types.isEmpty() && fields.flag("use_sliding_window", true);
    used &=
        !fields.has("use_sliding_window")
            || !fields.has(FIRST)
            || fields.number(FIRST, 0) < fields.number("num_hidden_layers", 0);
    boolean named = fields.names().contains(WINDOW);
    double window = fields.number(WINDOW, named ? NONE : standard);
    if (used && window < positions) {
      throw fields.problem(
          WINDOW,
          "%s%.0f, less than max_position_embeddings %d, and windows are not supported"
              .formatted(named ? "" : "missing, which means ", window, positions));
    }
  }
}
