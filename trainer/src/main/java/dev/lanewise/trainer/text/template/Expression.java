package dev.lanewise.trainer.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A node of an expression, with what it evaluates to. Nodes evaluate each other through {@link
 * Evaluation#value}, which counts.
 */
sealed interface Expression {
  int line();

  Object value(Evaluation e, Scope scope);

  record Literal(int line, Object constant) implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      return constant;
    }
  }

  record Name(int line, String name) implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      return scope.get(name);
    }
  }

  /** A list, or a tuple. */
  record Items(int line, List<Expression> items, boolean tuple) implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      List<Object> values = new ArrayList<>(items.size());
      items.forEach(item -> values.add(e.value(item, scope)));
      return tuple ? new Tuple(values) : values;
    }
  }

  record Dict(int line, List<Expression> keys, List<Expression> values) implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      Map<Object, Object> dict = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        dict.put(Values.key(e.value(keys.get(i), scope)), e.value(values.get(i), scope));
      }
      return dict;
    }
  }

  record Attribute(int line, Expression of, String name) implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      return Attributes.attribute(e.value(of, scope), name);
    }
  }

  record Item(int line, Expression of, Expression key) implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      Object whole = e.value(of, scope);
      return Attributes.item(whole, e.value(key, scope));
    }
  }

  /** {@code of[start:stop:step]}; null where a bound is left out. */
  record Slice(int line, Expression of, Expression start, Expression stop, Expression step)
      implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      Object whole = e.value(of, scope);
      return Attributes.slice(
          e, whole, bound(e, scope, start), bound(e, scope, stop), bound(e, scope, step));
    }

    private static Object bound(Evaluation e, Scope scope, Expression bound) {
      return bound == null ? null : e.value(bound, scope);
    }
  }

  /** The arguments of a call, a filter or a test. */
  record ArgumentList(
      List<Expression> positional,
      Map<String, Expression> named,
      Expression spread,
      Expression namedSpread) {
    static final ArgumentList NONE = new ArgumentList(List.of(), Map.of(), null, null);

    Arguments values(Evaluation e, Scope scope) {
      List<Object> places = new ArrayList<>();
      positional.forEach(one -> places.add(e.value(one, scope)));
      Map<String, Object> names = new LinkedHashMap<>();
      named.forEach((name, one) -> names.put(name, e.value(one, scope)));
      if (spread != null) {
        places.addAll(Values.list(e, e.value(spread, scope)));
      }
      if (namedSpread != null) {
        addNamed(e.value(namedSpread, scope), names);
      }
      return new Arguments(places, names);
    }

    private static void addNamed(Object dict, Map<String, Object> names) {
      if (!(dict instanceof Map<?, ?> map)) {
        throw new TemplateException("'**' needs a dict, not " + Values.typeName(dict));
      }
      map.forEach(
          (key, value) -> {
            if (!(key instanceof String name) || names.containsKey(name)) {
              throw new TemplateException(
                  "'**' gives an argument twice, or one whose name is no string");
            }
            names.put(name, value);
          });
    }
  }

  record Call(int line, Expression callee, ArgumentList arguments) implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      return call(e, scope, arguments.values(e, scope), null);
    }

    /**
     * Calls it.
     *
     * @param caller what a call block gives, or null
     */
    Object call(Evaluation e, Scope scope, Arguments values, Macro caller) {
      Object function = e.value(callee, scope);
      if (function instanceof Undefined undefined) {
        throw undefined.used();
      }
      if (!(function instanceof Callable callable)) {
        throw new TemplateException(Values.typeName(function) + " cannot be called");
      }
      if (caller == null) {
        return callable.call(e, values);
      }
      Map<String, Object> named = new LinkedHashMap<>(values.named());
      named.put("caller", caller);
      return callable.call(e, new Arguments(values.positional(), named));
    }
  }

  /**
   * A value that goes through a filter.
   *
   * @param on null in the tag of a block that is filtered
   */
  record Filtered(
      int line, Expression on, String name, Filters.Filter filter, ArgumentList arguments)
      implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      return filter.apply(e, e.value(on, scope), arguments.values(e, scope));
    }
  }

  record Test(int line, Expression on, Tests.Test test, ArgumentList arguments)
      implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      return test.holds(e, e.value(on, scope), arguments.values(e, scope));
    }
  }

  record Not(int line, Expression of) implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      return !Values.truth(e.value(of, scope));
    }
  }

  record Sign(int line, Expression of, boolean minus) implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      Object value = e.value(of, scope);
      return minus ? Arithmetic.negated(value) : Arithmetic.onNumbers("+", 0L, value);
    }
  }

  /** {@code and}, {@code or}: one of the two values. */
  record Logic(int line, Expression left, Expression right, boolean and) implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      Object first = e.value(left, scope);
      return Values.truth(first) == and ? e.value(right, scope) : first;
    }
  }

  record Binary(int line, String operator, Expression left, Expression right)
      implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      Object a = e.value(left, scope);
      Object b = e.value(right, scope);
      return switch (operator) {
        case "+" -> Arithmetic.add(e, a, b);
        case "*" -> Arithmetic.multiply(e, a, b);
        case "%" ->
            Values.isText(a)
                ? PercentFormat.formatted(e, a, b)
                : Arithmetic.onNumbers(operator, a, b);
        default -> Arithmetic.onNumbers(operator, a, b);
      };
    }
  }

  /** {@code ~}: all values as text. */
  record Joined(int line, List<Expression> parts) implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      StringBuilder text = new StringBuilder();
      for (Expression part : parts) {
        e.print(text, e.text(e.value(part, scope)));
      }
      return text.toString();
    }
  }

  /** {@code a < b <= c}: each with the next, until one does not hold. */
  record Comparison(int line, Expression first, List<String> operators, List<Expression> others)
      implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      Object left = e.value(first, scope);
      for (int i = 0; i < operators.size(); i++) {
        Object right = e.value(others.get(i), scope);
        if (!Tests.compare(e, operators.get(i), left, right)) {
          return false;
        }
        left = right;
      }
      return true;
    }
  }

  /**
   * {@code yes if condition else no}.
   *
   * @param no null where it is left out
   */
  record Conditional(int line, Expression condition, Expression yes, Expression no)
      implements Expression {
    @Override
    public Object value(Evaluation e, Scope scope) {
      if (Values.truth(e.value(condition, scope))) {
        return e.value(yes, scope);
      }
      return no == null
          ? new Undefined("the inline if was false and has no else")
          : e.value(no, scope);
    }
  }
}
