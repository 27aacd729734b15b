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

  private SlidingWindow() {}

  /**
   * Requires that no layer has a window shorter than the model's positions.
   *
   * @throws InvalidFileException that names the field
   */
  static void requireNone(ConfigFields fields, int positions) throws InvalidFileException {
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
    if (used && fields.has(WINDOW) && fields.number(WINDOW, 0) < positions) {
      throw fields.problem(
          WINDOW,
          "%.0f is less than max_position_embeddings %d, and windows are not supported"
              .formatted(fields.number(WINDOW, 0), positions));
    }
  }
}
