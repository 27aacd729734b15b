package dev.lanewise.trainer.text.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hostile templates end with an error, on a thread with a small stack and without much memory. */
class TemplateBoundsTest {
  private static final String DOUBLE =
      "{% set ns = namespace(x=START) %}{% for i in range(99999) %}{% set ns.x = NEXT %}{% endfor %}";

  static List<String> hostile() {
    return List.of(
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(100001) %}{% endfor %}",
        "{{ range(-9223372036854775807, 9223372036854775807) | list }}",
        "{{ 'x' * 999999999999 }}",
        "{{ [1] * 999999999999 }}",
        "{{ ('x' * 60000000) ~ ('y' * 60000000) }}",
        "{% for a in range(99999) %}{{ 'x' * 9999 }}{% endfor %}",
        "{{ 'x'.center(999999999) }}",
        "{{ '%999999999d' % 1 }}",
        "{{ '%.999999999f' % 1.5 }}",
        "{{ '{:>999999999}'.format(1) }}",
        "{{ 'a' | indent(999999999, true) }}",
        "{{ ('a' * 9999) | replace('', 'b' * 9999) }}",
        "{{ ('a' * 9999) | replace('a', 'b' * 99999) }}",
        "{{ ('a' * 99999).join('b' * 99999) }}",
        "{{ [[[1]]] | tojson(indent='x' * 9999999) }}",
        "{{ [1] | batch(999999999, 0) | list }}",
        "{{ [1] | slice(999999999) | list }}",
        "{{ 9 ** 999 ** 999 }}",
        "{{ (10 ** 999) ** 999 }}",
        "{{ 2 ** 99999999999999999999 }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{% call m() %}{% endcall %}{{ caller() }}{% endmacro %}{{ m() }}",
        "{% macro m(a) %}{{ {'k': [m({'k': [a]})]} }}{% endmacro %}{{ m(1) }}",
        "{% macro m() %}{% filter upper %}{% set x %}{% with a=1 %}{% if m() %}{% endif %}{% endwith %}{% endset %}{% endfilter %}{% endmacro %}{{ m() }}",
        "{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}",
        "{{ " + "(".repeat(5000) + "1" + ")".repeat(5000) + " }}",
        "{{ " + "[".repeat(5000) + "]".repeat(5000) + " }}",
        "{{ " + "-".repeat(5000) + "1 }}",
        "{{ " + "not ".repeat(5000) + "1 }}",
        "{{ 1" + " + 1".repeat(5000) + " }}",
        "{{ 1" + " ** 1".repeat(5000) + " }}",
        "{{ x" + " | string".repeat(5000) + " }}",
        "{{ x" + ".y".repeat(5000) + " }}",
        "{{ 1" + " if 1 else 1".repeat(5000) + " }}",
        "{% if 1 %}".repeat(5000),
        "{% set " + "(".repeat(5000) + "a",
        doubled("[1]", "ns.x + ns.x"),
        doubled("'a'", "ns.x ~ ns.x"),
        doubled("2", "ns.x * ns.x"),
        doubled("[]", "[ns.x]") + "{{ ns.x }}",
        doubled("[]", "[ns.x]") + "{{ ns.x | tojson }}",
        doubled("[]", "[ns.x]") + "{{ ns.x == [ns.x] }}",
        "{% set ns = namespace(x=[], y=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}{% endfor %}{{ ns.x == ns.y }}",
        "{% set ns = namespace(x=[], y=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}{% endfor %}{{ ns.x < ns.y }}",
        "{% set ns = namespace(x=()) %}{% for i in range(9999) %}{% set ns.x = (ns.x,) %}{% endfor %}{{ {ns.x: 1} }}",
        "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}",
        "{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}",
        "{% set ns = namespace(x=range(9)) %}{% for i in range(9999) %}{% set ns.x = ns.x | map('string') %}{% endfor %}{{ ns.x | list }}",
        "{% set ns = namespace(x=range(9)) %}{% for i in range(9999) %}{% set ns.x = ns.x | select %}{% endfor %}{{ ns.x | list }}");
  }

  private static String doubled(String start, String next) {
    return DOUBLE.replace("START", start).replace("NEXT", next);
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void endsWithAnError(String template) throws InterruptedException {
    List<Throwable> thrown = new ArrayList<>();
    Runnable render =
        () -> {
          try {
            ChatTemplate.parse(template).render(Map.of());
          } catch (Throwable failure) {
            thrown.add(failure);
          }
        };
    Thread small = new Thread(null, render, "small stack", 512 << 10);
    small.start();
    small.join();
    assertThat(thrown).singleElement().isInstanceOf(TemplateException.class);
  }
}
