package dev.lanewise.trainer.text.template;

import java.util.Iterator;
import java.util.List;

/** What an assignment or a loop assigns to. */
sealed interface Target {
  void assign(Evaluation e, Scope scope, Object value);

  record Name(String name) implements Target {
    @Override
    public void assign(Evaluation e, Scope scope, Object value) {
      scope.set(name, value);
    }
  }

  /** {@code namespace.attribute}. */
  record Attribute(String namespace, String attribute) implements Target {
    @Override
    public void assign(Evaluation e, Scope scope, Object value) {
      if (!(scope.get(namespace) instanceof Namespace space)) {
        throw new TemplateException(
            "'" + namespace + "' is not a namespace, so its attributes cannot be set");
      }
      space.attributes.put(attribute, value);
    }
  }

  /** Several targets, which take the items of a value apart. */
  record Several(List<Target> targets) implements Target {
    @Override
    public void assign(Evaluation e, Scope scope, Object value) {
      Iterator<Object> items = Values.list(e, value).iterator();
      for (Target target : targets) {
        if (!items.hasNext()) {
          throw new TemplateException(
              "there are not enough values for " + targets.size() + " names");
        }
        target.assign(e, scope, items.next());
      }
      if (items.hasNext()) {
        throw new TemplateException("there are too many values for " + targets.size() + " names");
      }
    }
  }
}
