package dev.lanewise.trainer.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is not known is named with its line when the template is read, also where it would not be
 * reached.
 */
class TemplateRefusalTest {

  static List<Arguments> unknown() {
    return List.of(
        arguments("{{ x | frob }}", "the filter 'frob' is not known"),
        arguments("{{ x | map('frob') | list }}", "the filter 'frob' is not known"),
        arguments("{{ x | selectattr('a', 'frob') }}", "the test 'frob' is not known"),
        arguments("{{ x | select('frob') }}", "the test 'frob' is not known"),
        arguments("{{ x is frob }}", "the test 'frob' is not known"),
        arguments("{{ frob(x) }}", "the function 'frob' is not known"),
        arguments("{{ lipsum() }}", "the function 'lipsum' is not known"),
        arguments("{{ cycler(1) if cycler is defined }}", "the function 'cycler' is not known"),
        arguments("{% for loop in x %}{% endfor %}", "'loop' cannot be assigned to"),
        arguments("{% for a, loop in x %}{% endfor %}", "'loop' cannot be assigned to"),
        arguments("{{ x.encode('utf-8') }}", "the method 'encode' is not supported"),
        arguments("{% frob %}", "the tag 'frob' is not known"),
        arguments(
            "{% include 'x' %}",
            "the tag 'include' is not supported: a chat template stands alone"),
        arguments(
            "{% import 'x' as y %}",
            "the tag 'import' is not supported: a chat template stands alone"),
        arguments(
            "{% extends 'x' %}",
            "the tag 'extends' is not supported: a chat template stands alone"),
        arguments(
            "{% block x %}{% endblock %}",
            "the tag 'block' is not supported: a chat template stands alone"),
        arguments("{% do x.append(1) %}", "the tag 'do' is not known"),
        arguments("{% break %}", "'break' stands outside of a loop"),
        arguments("{{ 'abc }}", "the string does not end"),
        arguments("{{ (1 }}", "unexpected '}'"),
        arguments("{{ x $ }}", "unexpected character '$'"),
        arguments("{{ }}", "an expression is expected, not the end of the expression"),
        arguments("{{ x y }}", "the end of the expression is expected, not 'y'"),
        arguments("{# x", "the comment does not end"),
        arguments("{% raw %}x", "the raw block does not end"),
        arguments("{% set none = 1 %}", "'none' cannot be assigned to"),
        arguments(
            "{% macro m(a=1, b) %}{% endmacro %}",
            "a parameter without a default follows one that has one"),
        arguments("{% for x in y %}{% endif %}", "the tag 'endif' is not known"));
  }

  @ParameterizedTest
  @MethodSource("unknown")
  void isNamedWithItsLine(String source, String message) {
    String template = "{% if false %}\n\n" + source + "\n{% endif %}";
    assertThatThrownBy(() -> ChatTemplate.parse(template))
        .isInstanceOf(TemplateException.class)
        .hasMessage("line 3: " + message);
  }

  @Test
  void aBlockThatDoesNotEndIsNamedWhereItBegins() {
    assertThatThrownBy(() -> ChatTemplate.parse("a\n{% for x in y %}\n"))
        .hasMessage("line 2: the block that begins here does not end: it needs else or endfor");
  }

  @Test
  void aFunctionThatTheTemplateAsksForIsItsOwnAffair() {
    assertThat(render("{{ now_in(1) if now_in is defined else 'then' }}")).isEqualTo("then");
    assertThat(render("{% set f = range %}{{ f(2) | list }}")).isEqualTo("[0, 1]");
  }

  @Test
  void anErrorOfARenderingNamesItsLine() {
    assertThatThrownBy(() -> render("a\n{{ raise_exception('no ' ~ 'system') }}"))
        .hasMessage("line 2: the template refuses: no system");
    assertThatThrownBy(() -> render("a\n\n{{ x.y.z }}")).hasMessage("line 3: 'x' is undefined");
    assertThatThrownBy(() -> render("{% macro m() %}\n{{ 1 + 'a' }}{% endmacro %}\n\n{{ m() }}"))
        .hasMessage("line 2: '+' of an int and a string");
  }

  private static String render(String template) {
    return ChatTemplate.parse(template).render(Map.of()).text();
  }
}
