package dev.lanewise.model.family;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;

/** A window that limits how far back attention sees, which is supported only where it is not felt. */
final class SlidingWindow {

  private static final String WINDOW = "sliding_window";

  private SlidingWindow() {}

  /**
   * Requires that no layer has a window shorter than the model's positions.
   *
   * @throws InvalidFileException that names the field
   */
  static void requireNone(ConfigFields fields, int positions) throws InvalidFileException {
    for (Object type : fields.list("layer_types")) {
      if (!"full_attention".equals(type)) {
        throw fields.problem(
            "layer_types",
            "%s is not supported, only full_attention"
                .formatted(InvalidFileException.quote(String.valueOf(type))));
      }
    }
    // Qwen's files name a window that this switch turns off.
    boolean used = fields.flag("use_sliding_window", true);
    if (used && fields.has(WINDOW) && fields.number(WINDOW, 0) < positions) {
      throw fields.problem(
          WINDOW,
          "%.0f is less than max_position_embeddings %d, and windows are not supported"
              .formatted(fields.number(WINDOW, 0), positions));
    }
  }
}
