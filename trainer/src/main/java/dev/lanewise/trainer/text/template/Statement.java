package dev.lanewise.trainer.text.template;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * A node of a template: what it prints, and what is assigned. Nodes run each other through {@link
 * Evaluation#run}, which counts.
 */
sealed interface Statement {
  /** What comes after a statement. */
  enum Next {
    GO_ON,
    BREAK,
    CONTINUE
  }

  int line();

  Next run(Evaluation e, Scope scope, StringBuilder out);

  record Text(int line, String text) implements Statement {
    @Override
    public Next run(Evaluation e, Scope scope, StringBuilder out) {
      e.print(out, text);
      return Next.GO_ON;
    }
  }

  record Print(int line, Expression expression) implements Statement {
    @Override
    public Next run(Evaluation e, Scope scope, StringBuilder out) {
      e.print(out, e.text(e.value(expression, scope)));
      return Next.GO_ON;
    }
  }

  /** {@code if}, with one branch more than conditions: what else happens, which may be nothing. */
  record If(int line, List<Expression> conditions, List<Block> branches) implements Statement {
    @Override
    public Next run(Evaluation e, Scope scope, StringBuilder out) {
      for (int i = 0; i < conditions.size(); i++) {
        if (Values.truth(e.value(conditions.get(i), scope))) {
          return branches.get(i).run(e, scope, out);
        }
      }
      return branches.getLast().run(e, scope, out);
    }
  }

  /**
   * A loop.
   *
   * @param condition null where all items are gone through
   */
  record For(
      int line,
      Target target,
      Expression items,
      Expression condition,
      boolean recursive,
      Block body,
      Block otherwise)
      implements Statement {
    @Override
    public Next run(Evaluation e, Scope scope, StringBuilder out) {
      loop(e, scope, out, e.value(items, scope), 0);
      return Next.GO_ON;
    }

    private void loop(Evaluation e, Scope around, StringBuilder out, Object source, int depth0) {
      Iterator<Object> all = Values.iterator(source);
      Loop loop =
          new Loop(
              condition == null ? source : null,
              condition == null ? all : new Chosen(e, around, all),
              depth0,
              recursive ? inner -> deeper(e, around, inner, depth0 + 1) : null);
      boolean none = true;
      while (loop.advance()) {
        e.spend(2);
        Scope scope = new Scope(around);
        target.assign(e, scope, loop.current());
        scope.set("loop", loop);
        Next next = body.run(e, scope, out);
        if (next == Next.BREAK) {
          break;
        }
        // As in Jinja2, a round that is left by break or continue does not count.
        none &= next == Next.CONTINUE;
      }
      if (none) {
        otherwise.run(e, new Scope(around), out);
      }
    }

    private String deeper(Evaluation e, Scope around, Object source, int depth0) {
      StringBuilder out = new StringBuilder();
      loop(e, around, out, source, depth0);
      return out.toString();
    }

    /** The items for which the condition holds, each asked when it is its turn. */
    private final class Chosen implements Iterator<Object> {
      private final Evaluation e;
      private final Scope around;
      private final Iterator<Object> all;
      private Object next;
      private boolean found;

      Chosen(Evaluation e, Scope around, Iterator<Object> all) {
        this.e = e;
        this.around = around;
        this.all = all;
      }

      @Override
      public boolean hasNext() {
        while (!found && all.hasNext()) {
          e.spend(2);
          next = all.next();
          Scope scope = new Scope(around);
          target.assign(e, scope, next);
          found = Values.truth(e.value(condition, scope));
        }
        return found;
      }

      @Override
      public Object next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        found = false;
        return next;
      }
    }
  }

  record Break(int line) implements Statement {
    @Override
    public Next run(Evaluation e, Scope scope, StringBuilder out) {
      return Next.BREAK;
    }
  }

  record Continue(int line) implements Statement {
    @Override
    public Next run(Evaluation e, Scope scope, StringBuilder out) {
      return Next.CONTINUE;
    }
  }

  record Set(int line, Target target, Expression value) implements Statement {
    @Override
    public Next run(Evaluation e, Scope scope, StringBuilder out) {
      target.assign(e, scope, e.value(value, scope));
      return Next.GO_ON;
    }
  }

  /**
   * The blocks "set" and "filter".
   *
   * @param target null where the text is printed
   * @param filters in order
   */
  record Captured(int line, Target target, List<Expression.Filtered> filters, Block body)
      implements Statement {
    @Override
    public Next run(Evaluation e, Scope scope, StringBuilder out) {
      Object value = body.captured(e, scope);
      for (Expression.Filtered filter : filters) {
        value = filter.filter().apply(e, value, filter.arguments().values(e, scope));
      }
      if (target == null) {
        e.print(out, e.text(value));
      } else {
        target.assign(e, scope, value);
      }
      return Next.GO_ON;
    }
  }

  record With(int line, List<Target> targets, List<Expression> values, Block body)
      implements Statement {
    @Override
    public Next run(Evaluation e, Scope scope, StringBuilder out) {
      Scope inner = new Scope(scope);
      for (int i = 0; i < targets.size(); i++) {
        targets.get(i).assign(e, inner, e.value(values.get(i), scope));
      }
      return body.run(e, inner, out);
    }
  }

  record DefineMacro(int line, MacroDefinition macro) implements Statement {
    @Override
    public Next run(Evaluation e, Scope scope, StringBuilder out) {
      scope.set(macro.name(), new Macro(macro, scope));
      return Next.GO_ON;
    }
  }

  record CallBlock(int line, Expression.Call call, MacroDefinition caller) implements Statement {
    @Override
    public Next run(Evaluation e, Scope scope, StringBuilder out) {
      Object result =
          call.call(e, scope, call.arguments().values(e, scope), new Macro(caller, scope));
      e.print(out, e.text(result));
      return Next.GO_ON;
    }
  }

  /** What the model itself says. */
  record Generation(int line, Block body) implements Statement {
    @Override
    public Next run(Evaluation e, Scope scope, StringBuilder out) {
      String enclosed = body.captured(e, scope);
      e.generated(enclosed);
      e.print(out, enclosed);
      return Next.GO_ON;
    }
  }
}
