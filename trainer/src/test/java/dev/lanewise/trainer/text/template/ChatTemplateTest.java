package dev.lanewise.trainer.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ChatTemplateTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ZonedDateTime NOW = ZonedDateTime.of(2026, 3, 7, 9, 5, 2, 0, ZoneOffset.UTC);

  /** The cases that transformers 5.18 rendered. */
  @TestFactory
  List<DynamicTest> rendersAsTransformersDoes() throws IOException {
    List<DynamicTest> tests = cases("cases.jsonl");
    assertThat(tests).hasSize(114);
    return tests;
  }

  /**
   * Values of all kinds with filters, tests, methods and operators, and random templates, rendered
   * by Jinja2 3.1.6 for Python 3.11 with the same settings.
   */
  @TestFactory
  List<DynamicTest> rendersAsPythonDoes() throws IOException {
    List<DynamicTest> tests = cases("python.jsonl");
    assertThat(tests).hasSize(720);
    return tests;
  }

  private static List<DynamicTest> cases(String file) throws IOException {
    Map<String, Object> variables = new HashMap<>();
    variables.putAll(
        JSON.readValue(resource("variables.json"), new TypeReference<Map<String, Object>>() {}));
    List<DynamicTest> tests = new ArrayList<>();
    for (String line : resource(file).lines().toList()) {
      JsonNode golden = JSON.readTree(line);
      String name = golden.path("name").asText(golden.get("template").asText());
      tests.add(DynamicTest.dynamicTest(name, () -> check(golden, variables)));
    }
    return tests;
  }

  private static void check(JsonNode golden, Map<String, Object> variables) {
    String template = golden.get("template").asText();
    if (golden.has("text")) {
      assertThat(ChatTemplate.parse(template).render(variables, NOW).text())
          .isEqualTo(golden.get("text").asText());
    } else {
      assertThatThrownBy(() -> ChatTemplate.parse(template).render(variables, NOW))
          .isInstanceOf(TemplateException.class)
          .hasMessageStartingWith("line ");
    }
  }

  @Test
  void tellsWhereTheGenerationTagsStand() {
    Rendering rendering =
        render(
            "{% for m in ms %}<{{ loop.index }}>{% if m %}{% generation %}{{ m }}!{% endgeneration %}{% endif %};{% endfor %}",
            Map.of("ms", List.of("", "a", "bc")));
    assertThat(rendering.text()).isEqualTo("<1>;<2>a!;<3>bc!;");
    assertThat(rendering.generated())
        .extracting(s -> rendering.text().substring(s.start(), s.end()))
        .containsExactly("a!", "bc!");
  }

  @Test
  void doesNotTellWhereATagStandsWhoseTextIsMoved() {
    assertThat(
            render(
                "{% macro m() %}b{% generation %}a{% endgeneration %}{% endmacro %}x{{ m() }}",
                Map.of()))
        .isEqualTo(new Rendering("xba", List.of()));
    assertThat(
            render(
                "{% macro m() %}{% generation %}a{% endgeneration %}{% endmacro %}x{{ m() }}",
                Map.of()))
        .isEqualTo(new Rendering("xa", List.of(new Rendering.Span(1, 2))));
  }

  @Test
  void whatTheCallerGaveIsNotChanged() {
    Map<String, Object> variables = new HashMap<>();
    variables.put("d", new HashMap<>(Map.of("k", new ArrayList<>(List.of(1)))));
    render("{% set d2 = d.copy() %}{% set k = d.k + [2] %}{{ k }}{{ d2 }}", variables);
    assertThat(variables.get("d")).isEqualTo(Map.of("k", List.of(1)));
  }

  private static Rendering render(String template, Map<String, ?> variables) {
    return ChatTemplate.parse(template).render(variables, NOW);
  }

  static String resource(String name) throws IOException {
    try (var in = ChatTemplateTest.class.getResourceAsStream("/jinja/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
