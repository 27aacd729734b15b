package dev.lanewise.trainer.text.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever a template says, it renders or it ends with a {@link TemplateException}. */
class TemplateFuzzTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Object> VARIABLES = new HashMap<>();
  private static final List<String> TEMPLATES;

  static {
    try {
      VARIABLES.putAll(
          JSON.readValue(
              ChatTemplateTest.resource("variables.json"),
              new TypeReference<Map<String, Object>>() {}));
      String cases =
          ChatTemplateTest.resource("cases.jsonl") + ChatTemplateTest.resource("python.jsonl");
      TEMPLATES = cases.lines().map(TemplateFuzzTest::template).toList();
    } catch (IOException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static String template(String line) {
    try {
      return JSON.readTree(line).get("template").asText();
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static final String[] PARTS = {
    "{{",
    "}}",
    "{%",
    "%}",
    "{{-",
    "-}}",
    "{%-",
    "-%}",
    "{%+",
    "{#",
    "#}",
    " ",
    "\n",
    "for ",
    "x",
    " in ",
    "words",
    "if ",
    "else",
    "elif ",
    "endfor",
    "endif",
    "set ",
    "endset",
    "macro m(a, b=1)",
    "endmacro",
    "call m(1)",
    "endcall",
    "caller()",
    "filter upper",
    "endfilter",
    "with ",
    "endwith",
    "generation",
    "endgeneration",
    "raw",
    "endraw",
    "break",
    "continue",
    "loop",
    ".index",
    ".last",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "|",
    ".",
    "=",
    "==",
    "+",
    "-",
    "*",
    "**",
    "/",
    "//",
    "%",
    "~",
    "<",
    " is ",
    " not ",
    " and ",
    " or ",
    "1",
    "0",
    "-1",
    "2.5",
    "'a'",
    "'%s'",
    "\"é😀\"",
    "none",
    "true",
    "d",
    "rows",
    "messages",
    "ns",
    "namespace(a=1)",
    "range(3)",
    "tojson",
    "sort",
    "map('upper')",
    "list",
    "join(',')",
    "first",
    "default('x')",
    "items()",
    "split()",
    "strip('a')",
    "format(1)",
    "replace('a','b')",
    "string",
    "defined",
    "recursive",
    "raise_exception('x')",
    "strftime_now('%Y')",
    "abs",
    "round(1)",
    "int",
    "batch(2)",
    "groupby('k')",
    "dictsort",
    "xmlattr",
    "urlencode",
    "\\",
    "\u0000",
    "\ud800",
    "safe",
    "e",
    "indent"
  };

  @Provide
  Arbitrary<String> soups() {
    return Arbitraries.of(PARTS).list().ofMaxSize(40).map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<String> expressions() {
    return soups().map(soup -> "{{ " + soup.replace("{%", "").replace("%}", "") + " }}");
  }

  @Property(tries = 4000)
  void aSoupOfTokens(@ForAll("soups") String template) {
    rendersOrEnds(template);
  }

  @Property(tries = 4000)
  void aSoupOfAnExpression(@ForAll("expressions") String template) {
    rendersOrEnds(template);
  }

  @Property(tries = 6000)
  void aDamagedTemplate(@ForAll long seed) {
    Random random = new Random(seed);
    String one = TEMPLATES.get(random.nextInt(TEMPLATES.size()));
    String other = TEMPLATES.get(random.nextInt(TEMPLATES.size()));
    StringBuilder template = new StringBuilder(one);
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(template.length() + 1);
      int end = Math.min(template.length(), at + random.nextInt(6));
      switch (random.nextInt(4)) {
        case 0 -> template.delete(at, end);
        case 1 -> template.insert(at, PARTS[random.nextInt(PARTS.length)]);
        case 2 -> template.replace(at, end, PARTS[random.nextInt(PARTS.length)]);
        default -> template.insert(at, other, 0, random.nextInt(other.length() + 1));
      }
    }
    rendersOrEnds(template.toString());
  }

  private static void rendersOrEnds(String template) {
    try {
      Rendering rendering = ChatTemplate.parse(template).render(VARIABLES);
      for (Rendering.Span span : rendering.generated()) {
        assertThat(span.start()).isBetween(0, span.end());
        assertThat(span.end()).isLessThanOrEqualTo(rendering.text().length());
      }
    } catch (TemplateException expected) {
      assertThat(expected).hasMessageContaining(" ");
    }
  }
}
