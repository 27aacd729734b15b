package dev.lanewise.trainer.text.template;

import java.util.List;

/** Statements one after the other. */
record Block(List<Statement> statements) {
  Statement.Next run(Evaluation e, Scope scope, StringBuilder out) {
    for (Statement statement : statements) {
      Statement.Next next = e.run(statement, scope, out);
      if (next != Statement.Next.GO_ON) {
        return next;
      }
    }
    return Statement.Next.GO_ON;
  }

  /** What it prints, with names of its own. */
  String captured(Evaluation e, Scope around) {
    StringBuilder out = new StringBuilder();
    run(e, new Scope(around), out);
    return out.toString();
  }
}
