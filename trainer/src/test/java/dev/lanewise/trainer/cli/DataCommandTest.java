package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private Path model;
  private Path data;

  @BeforeEach
  void copyModel() throws IOException {
    model = HuggingFaceModels.copy("qwen3", folder.resolve("model"));
    data = folder.resolve("chats.jsonl");
    Files.writeString(
        data,
        """
        {"messages": [{"role": "user", "content": "What is 2 + 2?"}, {"role": "assistant", "content": "4"}]}
        {"prompt": "2+2=", "completion": "4"}
        {"text": "abc"}
        """);
  }

  @Test
  void marksWhatCountsAndSumsUp() {
    CommandRun run = data("--show", "2", "--context", "16").requireSuccess();
    assertThat(run.out())
        .contains(
            "document 1 ("
                + data
                + ", line 1): 27 tokens, of which 2 count\n<|im_start|>user\nWhat is 2 + 2?<|im_end|>\n<|im_start|>assistant\n⟦4<|im_end|>⟧\n",
            "document 2 (" + data + ", line 2): 6 tokens, of which 2 count\n2+2=⟦4<|im_end|>⟧")
        .doesNotContain("document 3")
        .containsPattern(
            "\ndocuments=3 parts=3 tokens=\\d+ counted=\\d+ \\(\\d+\\.\\d%\\) longest=27 context=16 cut_parts=1 cut_tokens=11 \\(.*%\\) template=chat_template.jinja\\R$");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void isReadByScripts() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : data("--json", "--show", "1").requireSuccess().out().lines().toList()) {
      lines.add(JSON.readTree(line));
    }
    JsonNode document =
        lines.stream()
            .filter(line -> line.get("type").asText().equals("document"))
            .findFirst()
            .orElseThrow();
    assertThat(document.get("text").asText())
        .isEqualTo(
            "<|im_start|>user\nWhat is 2 + 2?<|im_end|>\n<|im_start|>assistant\n4<|im_end|>\n");
    assertThat(document.get("line").asInt()).isEqualTo(1);
    assertThat(document.get("ids")).hasSize(27);
    assertThat(document.get("counted").toString()).isEqualTo("[" + "0,".repeat(24) + "1,1,0]");
    JsonNode result = lines.getLast();
    assertThat(result.get("type").asText()).isEqualTo("result");
    assertThat(result.get("documents").asInt()).isEqualTo(3);
    assertThat(result.get("cut_tokens").asInt()).isZero();
  }

  @Test
  void aBadLineIsNamedOrLeftOut() throws IOException {
    Files.writeString(data, Files.readString(data) + "{\"text\": 1}\n{\"text\": \"d\"}\n");
    CommandRun refused = data();
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains(data + ": line 4, text: expected a string, found 1");
    CommandRun run = data("--skip-bad").requireSuccess();
    assertThat(run.out()).contains("documents=4 ");
    assertThat(run.err()).contains("1 bad document was left out", "line 4, text");
  }

  @Test
  void whatNobodyLearnsFromIsTold() throws IOException {
    Files.writeString(data, "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}\n");
    assertThat(data().requireSuccess().err()).contains("no token counts");
    assertThat(data("--train-on", "all").requireSuccess().err()).isEmpty();
  }

  @Test
  void aModelWithoutATemplateReadsTexts() throws IOException {
    model = HuggingFaceModels.copy("gpt2", folder.resolve("gpt2"));
    CommandRun refused = data();
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("line 1, messages: the model has no chat template");
    Files.writeString(data, "{\"text\": \"abc\"}\n");
    assertThat(data().requireSuccess().out()).contains("template=none");
  }

  private CommandRun data(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("data", "--model", model.toString(), "--data", data.toString()));
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments.toArray(String[]::new));
  }
}
