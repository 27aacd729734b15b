package dev.lanewise.trainer.text.template;

import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Map;

/**
 * A model's chat template, read and checked. It may be rendered by several threads at a time.
 *
 * <p>What is supported is what Jinja2's language is without other templates: no {@code include},
 * {@code import}, {@code extends} and {@code block}. A tag, filter, test or function that is not
 * known is an error when the template is read. A rendering is bounded in steps, in length and in
 * depth.
 */
public final class ChatTemplate {
  private final Block statements;

  private ChatTemplate(Block statements) {
    this.statements = statements;
  }

  /**
   * Reads a template.
   *
   * @throws TemplateException if it cannot be read, or uses what is not supported; the message
   *     names it and its line
   */
  public static ChatTemplate parse(String source) {
    return new ChatTemplate(Parser.parse(source));
  }

  /** Renders with today's date. */
  public Rendering render(Map<String, ?> variables) {
    return render(variables, ZonedDateTime.now(ZoneId.systemDefault()));
  }

  /**
   * Renders.
   *
   * @param variables what the template sees: strings, numbers, booleans, nulls, and lists and maps
   *     of these, such as {@code messages}, {@code tools}, {@code add_generation_prompt} and {@code
   *     bos_token}
   * @param now what {@code strftime_now} tells
   * @throws TemplateException if the template raises an exception, does what is an error, or too
   *     much
   */
  public Rendering render(Map<String, ?> variables, ZonedDateTime now) {
    Scope scope = new Scope(Globals.scope());
    variables.forEach((name, value) -> scope.set(name, Values.fromJava(value, 0)));
    return new Evaluation(now).render(statements, scope);
  }
}
