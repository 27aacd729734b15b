package dev.lanewise.trainer.text.template;

import java.util.List;
import java.util.Set;

/**
 * What a macro or a call block says.
 *
 * @param name null for a call block
 * @param defaults one for each parameter, null where it has none
 * @param mentioned the names its body mentions: a macro takes varargs, kwargs and a caller if it
 *     mentions them
 */
record MacroDefinition(
    String name,
    List<String> parameters,
    List<Expression> defaults,
    Block body,
    Set<String> mentioned) {
  boolean uses(String what) {
    return mentioned.contains(what);
  }

  String described() {
    return name == null ? "the call block" : "the macro '" + name + "'";
  }
}
