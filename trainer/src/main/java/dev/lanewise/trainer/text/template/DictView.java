package dev.lanewise.trainer.text.template;

import java.util.List;
import java.util.Map;

/**
 * What {@code keys()}, {@code values()} and {@code items()} of a dict give: iterable, with a
 * length, without places.
 */
record DictView(Map<Object, Object> of, Kind kind) {
  enum Kind {
    KEYS,
    VALUES,
    ITEMS
  }

  List<Object> items() {
    return switch (kind) {
      case KEYS -> of.keySet().stream().toList();
      case VALUES -> of.values().stream().toList();
      case ITEMS ->
          of.entrySet().stream().<Object>map(e -> Tuple.of(e.getKey(), e.getValue())).toList();
    };
  }
}
