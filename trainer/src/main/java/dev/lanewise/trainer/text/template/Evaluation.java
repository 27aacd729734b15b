package dev.lanewise.trainer.text.template;

import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * One rendering: how much it may still do, and where the generation tags stand in what it has
 * printed.
 */
final class Evaluation {
  /** Far more than a conversation needs, and a few seconds of work. */
  private static final long MOST_STEPS = 20_000_000;

  private static final int LONGEST_TEXT = 1 << 26;

  /** Of nested nodes; a call of a macro is some five of them. Less than 512 KiB of stack. */
  private static final int DEEPEST = 350;

  /** A level of nested data takes as much stack as some nodes do. */
  private static final int NODES_OF_DATA = 3;

  private final StringBuilder text = new StringBuilder();
  private final List<Generated> generated = new ArrayList<>();
  private final ZonedDateTime now;
  private long steps = MOST_STEPS;
  private int depth;

  private record Generated(Rendering.Span span, String text) {}

  Evaluation(ZonedDateTime now) {
    this.now = now;
  }

  ZonedDateTime now() {
    return now;
  }

  Rendering render(Block template, Scope scope) {
    template.run(this, scope, text);
    boolean found =
        generated.stream()
            .allMatch(g -> text.indexOf(g.text(), g.span().start()) == g.span().start());
    return new Rendering(
        text.toString(), found ? generated.stream().map(Generated::span).toList() : List.of());
  }

  /**
   * Notes what a generation tag enclosed and is about to be printed: where transformers says it
   * stands, at the end of what the template itself has printed.
   */
  void generated(String enclosed) {
    generated.add(
        new Generated(
            new Rendering.Span(text.length(), text.length() + enclosed.length()), enclosed));
  }

  void spend(long count) {
    steps -= count;
    if (steps < 0 || count < 0) {
      throw new TemplateException("the template does too much: more than " + MOST_STEPS + " steps");
    }
  }

  /** Pays for a text before it is made. */
  void reserve(double length) {
    if (length > LONGEST_TEXT) {
      throw new TemplateException("a text of more than " + LONGEST_TEXT + " characters");
    }
    spend((long) (length / 8));
  }

  /** Pays for a text or a marked text that was made. */
  <T> T paid(T text) {
    reserve(Values.text(text).length());
    return text;
  }

  void print(StringBuilder out, String printed) {
    reserve(
        out.length() + (double) printed.length() > LONGEST_TEXT
            ? Double.MAX_VALUE
            : printed.length());
    out.append(printed);
  }

  Object value(Expression expression, Scope scope) {
    enter(1);
    try {
      return expression.value(this, scope);
    } catch (TemplateException failed) {
      throw failed.at(expression.line());
    } finally {
      depth--;
    }
  }

  Statement.Next run(Statement statement, Scope scope, StringBuilder out) {
    enter(1);
    try {
      return statement.run(this, scope, out);
    } catch (TemplateException failed) {
      throw failed.at(statement.line());
    } finally {
      depth--;
    }
  }

  /** A step further into nested values. */
  <T> T deeper(Supplier<T> step) {
    enter(NODES_OF_DATA);
    try {
      return step.get();
    } finally {
      depth -= NODES_OF_DATA;
    }
  }

  private void enter(int levels) {
    spend(1);
    depth += levels;
    if (depth > DEEPEST) {
      depth -= levels;
      throw new TemplateException("nested more than " + DEEPEST + " deep");
    }
  }

  String text(Object value) {
    return Printing.text(this, value);
  }
}
