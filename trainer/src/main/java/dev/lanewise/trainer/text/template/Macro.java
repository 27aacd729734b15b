package dev.lanewise.trainer.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A macro, or the body of a call block, with the names around it. */
record Macro(MacroDefinition definition, Scope around) implements Callable {

  @Override
  public Object call(Evaluation e, Arguments arguments) {
    Scope scope = new Scope(around);
    Map<String, Object> named = new LinkedHashMap<>(arguments.named());
    List<String> parameters = definition.parameters();
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i);
      if (i < arguments.positional().size()) {
        scope.set(name, arguments.positional().get(i));
      } else if (named.containsKey(name)) {
        scope.set(name, named.remove(name));
      } else {
        scope.set(name, new Undefined("the parameter '" + name + "' was not given"));
        missing.add(i);
      }
    }
    rest(arguments.positional(), named, scope);
    for (int i : missing) {
      if (definition.defaults().get(i) != null) {
        scope.set(parameters.get(i), e.value(definition.defaults().get(i), scope));
      }
    }
    StringBuilder out = new StringBuilder();
    definition.body().run(e, scope, out);
    return out.toString();
  }

  private void rest(List<Object> positional, Map<String, Object> named, Scope scope) {
    List<String> parameters = definition.parameters();
    if (definition.uses("caller") && !parameters.contains("caller")) {
      Object caller = named.remove("caller");
      scope.set("caller", caller == null ? new Undefined("there is no caller") : caller);
    }
    if (definition.uses("kwargs")) {
      scope.set("kwargs", new LinkedHashMap<Object, Object>(named));
    } else if (!named.isEmpty()) {
      throw new TemplateException(
          definition.described()
              + " does not take the argument '"
              + named.keySet().iterator().next()
              + "'");
    }
    if (definition.uses("varargs")) {
      int taken = Math.min(parameters.size(), positional.size());
      scope.set("varargs", new Tuple(positional.subList(taken, positional.size())));
    } else if (positional.size() > parameters.size()) {
      throw new TemplateException(
          definition.described() + " takes at most " + parameters.size() + " arguments");
    }
  }

  Object field(String name) {
    return switch (name) {
      case "name" -> definition.name();
      case "arguments" -> new Tuple(List.copyOf(definition.parameters()));
      case "catch_kwargs" -> definition.uses("kwargs");
      case "catch_varargs" -> definition.uses("varargs");
      case "caller" -> definition.uses("caller");
      default -> null;
    };
  }
}
