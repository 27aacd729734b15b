package dev.lanewise.trainer.text.template;

import java.util.HashMap;
import java.util.Map;

/** Names of a template, of a macro's call or of one round of a loop, within those around it. */
final class Scope {
  private final Scope around;
  private final Map<String, Object> names = new HashMap<>();

  Scope(Scope around) {
    this.around = around;
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.around) {
      Object value = scope.names.get(name);
      if (value != null || scope.names.containsKey(name)) {
        return value;
      }
    }
    return Undefined.name(name);
  }

  void set(String name, Object value) {
    names.put(name, value);
  }
}
