package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.check.GradientCheck;
import dev.lanewise.model.family.Families;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What gradcheck tells, of one small model: the command itself takes half a minute. */
class GradcheckCommandTest {

  private final GradientCheck.Report report =
      GradientCheck.run(
          Families.STANDARD.named("gpt2").examples(0).getFirst(), VectorKernels.create(), 7);
  private final StringWriter out = new StringWriter();

  private void tell(boolean quiet) {
    JsonDisplay display = new JsonDisplay(new PrintWriter(out), quiet, () -> 0);
    display.tell(new GradcheckCommand.Checked("gpt2", report));
    display.result(new GradcheckCommand.Verdict(report.passed(), report.largestError()));
  }

  private List<JsonNode> objects() throws IOException {
    List<JsonNode> objects = new ArrayList<>();
    for (String line : out.toString().lines().toList()) {
      objects.add(new ObjectMapper().readTree(line));
    }
    return objects;
  }

  @Test
  void scriptsGetEachTensorAndTheVerdict() throws IOException {
    tell(false);

    assertThat(objects()).hasSize(2);
    JsonNode checked = objects().getFirst();
    assertThat(checked.get("type").asText()).isEqualTo("checked");
    assertThat(checked.get("family").asText()).isEqualTo("gpt2");
    assertThat(checked.get("passed").asBoolean()).isTrue();
    assertThat(checked.get("tensors")).hasSize(report.results().size());
    GradientCheck.Result first = report.results().getFirst();
    JsonNode tensor = checked.get("tensors").get(0);
    assertThat(tensor.get("name").asText()).isEqualTo(first.name());
    assertThat(tensor.get("shape")).hasSize(first.shape().toArray().length);
    assertThat(tensor.get("checked").asInt()).isEqualTo(first.checked());
    assertThat(tensor.get("error").asDouble()).isEqualTo(first.relativeError());
    JsonNode result = objects().getLast();
    assertThat(result.get("type").asText()).isEqualTo("result");
    assertThat(result.get("command").asText()).isEqualTo("gradcheck");
    assertThat(result.get("passed").asBoolean()).isTrue();
    assertThat(result.get("largest_error").asDouble()).isEqualTo(report.largestError());
  }

  @Test
  void quietIsTheVerdictAlone() throws IOException {
    tell(true);

    assertThat(objects()).hasSize(1);
    assertThat(objects().getFirst().get("type").asText()).isEqualTo("result");
  }
}
