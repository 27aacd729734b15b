package dev.lanewise.trainer.text.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The names that a template assigns, asks for and calls, so that a function that nobody defines is
 * refused before anything is printed.
 */
final class KnownNames {
  private static final int MOST_NODES = 200_000;

  private final Set<String> assigned = new HashSet<>();
  private final Set<String> askedFor = new HashSet<>();
  private final List<Expression.Name> called = new ArrayList<>();
  private final Deque<Set<String>> macros = new ArrayDeque<>();
  private int nodes;

  String mention(String name) {
    macros.forEach(mentioned -> mentioned.add(name));
    return name;
  }

  /** Begins a macro, whose mentioned names are then collected. */
  Set<String> beginMacro() {
    Set<String> mentioned = new HashSet<>();
    macros.push(mentioned);
    return mentioned;
  }

  void endMacro() {
    macros.pop();
  }

  void assign(String name) {
    assigned.add(name);
  }

  void askedFor(String name) {
    askedFor.add(name);
  }

  void called(Expression.Name name) {
    called.add(name);
  }

  /** Counts a node, since a chain of operators nests as deep as it is long. */
  <T extends Expression> T counted(T node) {
    if (++nodes > MOST_NODES) {
      throw new TemplateException(
          node.line(), "the template has more than " + MOST_NODES + " nodes");
    }
    return node;
  }

  void check() {
    Set<String> ofMacros = Set.of("caller", "loop", "varargs", "kwargs");
    for (Expression.Name name : called) {
      String text = name.name();
      boolean known =
          Globals.has(text)
              || assigned.contains(text)
              || (askedFor.contains(text) && !Globals.isNotCalled(text))
              || ofMacros.contains(text);
      if (!known) {
        throw new TemplateException(name.line(), "the function '" + text + "' is not known");
      }
    }
  }
}
