package dev.lanewise.trainer.text.template;

/**
 * A name or key that is not there: prints as nothing, is false and empty, and whatever else is done
 * with it is an error.
 */
record Undefined(String reason) {
  static Undefined name(String name) {
    return new Undefined("'" + name + "' is undefined");
  }

  static Undefined attribute(Object of, Object key) {
    return new Undefined(
        Values.typeName(of)
            + " has no attribute "
            + (key instanceof String text ? "'" + text + "'" : Values.typeName(key)));
  }

  TemplateException used() {
    return new TemplateException(reason);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Undefined;
  }

  @Override
  public int hashCode() {
    return 1;
  }
}
