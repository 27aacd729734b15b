package dev.lanewise.trainer.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The cases that transformers 5.18 rendered. */
class ChatTemplateTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TestFactory
  List<DynamicTest> rendersAsTransformersDoes() throws IOException {
    Map<?, ?> variables = JSON.readValue(resource("variables.json"), Map.class);
    List<DynamicTest> tests = new ArrayList<>();
    for (String line : resource("cases.jsonl").lines().toList()) {
      JsonNode golden = JSON.readTree(line);
      tests.add(DynamicTest.dynamicTest(golden.get("name").asText(), () -> check(golden, variables)));
    }
    assertThat(tests).hasSize(114);
    return tests;
  }

  @SuppressWarnings("unchecked") // The keys of a JSON object are strings.
  private static void check(JsonNode golden, Map<?, ?> variables) {
    String template = golden.get("template").asText();
    Map<String, Object> given = (Map<String, Object>) variables;
    if (golden.has("text")) {
      assertThat(ChatTemplate.parse(template).render(given).text()).isEqualTo(golden.get("text").asText());
    } else {
      assertThatThrownBy(() -> ChatTemplate.parse(template).render(given)).isInstanceOf(TemplateException.class).hasMessageStartingWith("line ");
    }
  }

  private static String resource(String name) throws IOException {
    try (var in = ChatTemplateTest.class.getResourceAsStream("/jinja/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
