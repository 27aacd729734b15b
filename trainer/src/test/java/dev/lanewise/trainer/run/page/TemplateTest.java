package dev.lanewise.trainer.run.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TemplateTest {

  @Test
  void whatIsPutInIsNotLookedAtAgain() {
    Template template = new Template("{{a}}-{{b-c}}-{{a}} {x} {{}}");

    assertThat(template.fill(Map.of("a", "{{b-c}}", "b-c", "$1\\")))
        .isEqualTo("{{b-c}}-$1\\-{{b-c}} {x} {{}}");
  }

  @Test
  void aPlaceThatIsLeftEmptyIsAnError() {
    assertThatThrownBy(() -> new Template("{{a}}").fill(Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("{{a}}");
  }
}
