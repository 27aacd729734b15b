package dev.lanewise.trainer.text.template;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The functions that are there without being defined: Jinja2's, and those that transformers adds.
 */
final class Globals {
  private static final Map<String, Callable> ALL = new HashMap<>();

  /** Jinja2 has them, so templates may ask whether they are there; calls are refused. */
  private static final Set<String> NOT_CALLED = Set.of("cycler", "lipsum");

  static {
    ALL.put("range", Globals::range);
    ALL.put("dict", (e, arguments) -> dict(e, arguments));
    ALL.put("namespace", Globals::namespace);
    ALL.put("joiner", (e, arguments) -> joiner(arguments.bind("joiner()", "sep?").get(0, ", ")));
    ALL.put(
        "raise_exception",
        (e, arguments) -> {
          throw new TemplateException(
              "the template refuses: "
                  + e.text(arguments.bind("raise_exception()", "message").get(0)));
        });
    ALL.put(
        "strftime_now",
        (e, arguments) ->
            Strftime.formatted(e.now(), arguments.bind("strftime_now()", "format").text(0)));
  }

  private Globals() {}

  static boolean has(String name) {
    return ALL.containsKey(name);
  }

  /** Whether a name is there to be asked for alone. */
  static boolean isNotCalled(String name) {
    return NOT_CALLED.contains(name);
  }

  static Scope scope() {
    Scope scope = new Scope(null);
    ALL.forEach(scope::set);
    NOT_CALLED.forEach(name -> scope.set(name, (Callable) (e, arguments) -> refused(name)));
    return scope;
  }

  private static Object refused(String name) {
    throw new TemplateException("the function '" + name + "' is not known");
  }

  private static Object range(Evaluation e, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("range()", "start stop? step?");
    boolean one = !bound.has(1);
    return new Range(one ? 0 : bound.integer(0), bound.integer(one ? 0 : 1), bound.integer(2, 1));
  }

  private static Map<Object, Object> dict(Evaluation e, Arguments arguments) {
    Map<Object, Object> dict = new LinkedHashMap<>();
    for (Object source : arguments.positional()) {
      if (source instanceof Map<?, ?>) {
        dict.putAll(Values.dict(source));
        continue;
      }
      for (Object item : Values.list(e, source)) {
        List<Object> pair = Values.list(e, item);
        if (pair.size() != 2) {
          throw new TemplateException("dict() needs pairs");
        }
        dict.put(Values.key(pair.get(0)), pair.get(1));
      }
    }
    if (arguments.positional().size() > 1) {
      throw new TemplateException("dict() takes at most 1 argument without a name");
    }
    dict.putAll(arguments.named());
    return dict;
  }

  private static Object namespace(Evaluation e, Arguments arguments) {
    Namespace namespace = new Namespace();
    namespace.attributes.putAll(dict(e, arguments));
    return namespace;
  }

  /** Gives nothing the first time, and the separator from then on. */
  private static Callable joiner(Object separator) {
    Object[] given = {""};
    return (e, arguments) -> {
      Object result = given[0];
      given[0] = separator;
      return result;
    };
  }
}
