package dev.lanewise.trainer.text.template;

/**
 * Text that {@code safe} or {@code escape} has marked. What is joined to it is escaped for HTML, as
 * in Python's markupsafe.
 */
record Markup(String text) {
  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace(">", "&gt;")
        .replace("<", "&lt;")
        .replace("'", "&#39;")
        .replace("\"", "&#34;");
  }

  static Markup escaped(Object value, String printed) {
    return value instanceof Markup markup ? markup : new Markup(escaped(printed));
  }
}
