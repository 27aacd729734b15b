package dev.lanewise.trainer.text.template;

import java.util.Arrays;
import java.util.List;

/**
 * Python's tuple.
 *
 * @param fields the names of the items, where they have names
 */
record Tuple(List<Object> items, List<String> fields) {
  Tuple(List<Object> items) {
    this(items, List.of());
  }

  static Tuple of(Object first, Object second) {
    return new Tuple(Arrays.asList(first, second));
  }
}
