package dev.lanewise.trainer.text.template;

import java.util.List;

/**
 * A rendered template.
 *
 * @param text what it printed
 * @param generated what the generation tags enclose, in order; empty where there are none, or where
 *     one stands in a macro or a captured block so that its place in the text is not known
 */
public record Rendering(String text, List<Span> generated) {
  /** The characters [start, end) of the text. */
  public record Span(int start, int end) {}
}
