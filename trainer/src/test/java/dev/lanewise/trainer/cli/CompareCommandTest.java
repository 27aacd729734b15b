package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.trainer.fixture.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareCommandTest {
  @TempDir private Path folder;
  private String content;
  private Path text;
  private Path page;

  @BeforeEach
  void writeText() throws IOException {
    content = Texts.words(4000);
    text = Files.writeString(folder.resolve("text.txt"), content);
    page = folder.resolve("compare.html");
  }

  private Path train(Path data, String name, String... more) {
    List<String> options = new ArrayList<>(List.of("--steps=8", "--evaluate-every=4"));
    options.addAll(List.of(more));
    Path run = folder.resolve(name);
    CommandRun.train(data, run, options.toArray(String[]::new)).requireSuccess();
    return run;
  }

  private CommandRun compare(Object... more) {
    List<String> arguments = new ArrayList<>(List.of("compare", "--out=" + page));
    for (Object each : more) {
      arguments.add(each.toString());
    }
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  private static List<JsonNode> objects(CommandRun run) throws IOException {
    List<JsonNode> objects = new ArrayList<>();
    for (String line : run.requireSuccess().out().lines().toList()) {
      objects.add(new ObjectMapper().readTree(line));
    }
    return objects;
  }

  @Test
  void printsATableAndWritesAPage() throws IOException {
    Path slow = train(text, "slow", "--lr=1e-4");
    Path fast = train(text, "fast", "--lr=1e-2");
    CommandRun compared = compare(slow, fast);

    compared.requireSuccess();
    List<String> lines = compared.out().lines().toList();
    assertThat(lines.get(0)).startsWith("run   lr    seeds  n  steps  last validation loss");
    assertThat(lines.get(1)).startsWith("slow  1e-4  ");
    assertThat(lines.get(2)).startsWith("fast  0.01  ");
    assertThat(lines.get(3)).isEqualTo("Curves: " + page);
    assertThat(page).content().contains("2 runs compared", "<b>Gradient norm</b>");

    compare(slow).requireSuccess();
    assertThat(page).content().contains("1 run compared");
  }

  @Test
  void aFileOfSomethingElseStays() throws IOException {
    Path run = train(text, "run");
    Files.copy(run.resolve("report.html"), page);
    CommandRun refused = compare(run);

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("--out " + page, "--overwrite");
    assertThat(page).hasSameBinaryContentAs(run.resolve("report.html"));
    compare("--overwrite", run).requireSuccess();
    assertThat(page).content().contains("1 run compared");
  }

  /** A checkpoint is as it was saved. */
  @Test
  void thePageIsNotPutIntoWhatARunKeeps() throws IOException {
    Path run = train(text, "run");
    page = run.resolve("checkpoints/compare.html");
    CommandRun refused = compare(run);

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("--out " + page, "inside the checkpoints of a run");
    assertThat(page).doesNotExist();
    page = run.resolve("compare.html");
    compare(run).requireSuccess();
  }

  @Test
  void whatIsNoRunIsNamedAndNothingIsWritten() {
    CommandRun refused = compare(train(text, "run"), folder.resolve("none"));

    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains(folder.resolve("none") + ": no such folder");
    assertThat(page).doesNotExist();
  }

  /** Bits per byte are those that eval finds on the text that was kept. */
  @Test
  void runsOfDifferentTokenizersAreComparedInBitsPerByte() throws IOException {
    Path chars = train(text, "chars");
    Path pairs = train(text, "pairs", "--tokenizer=bpe", "--vocabulary=300");
    Path kept =
        Files.writeString(folder.resolve("kept.txt"), content.substring(content.length() * 9 / 10));
    List<JsonNode> compared = objects(compare("--json", chars, pairs));

    assertThat(compared)
        .extracting(node -> node.get("type").asText())
        .containsExactly("group", "group", "note", "result");
    assertThat(compared.get(2).get("message").asText()).contains("different tokenizers");
    for (int i = 0; i < 2; i++) {
      Path run = List.of(chars, pairs).get(i);
      JsonNode measured =
          objects(CommandRun.of("eval", "--quiet", "--json", "--model=" + run, "--data=" + kept))
              .getLast();
      JsonNode group = compared.get(i);
      assertThat(group.get("best_val_loss").asDouble())
          .isCloseTo(measured.get("loss").asDouble(), within(1e-9));
      double bits =
          measured.get("bits_per_byte").asDouble()
              * group.get("last_val_loss").asDouble()
              / measured.get("loss").asDouble();
      assertThat(group.get("bits_per_byte").asDouble()).isCloseTo(bits, within(1e-9));
      assertThat(group.get("bits_per_byte_deviation").isNull()).isTrue();
    }
    assertThat(page).content().contains("bits per byte, against tokens").doesNotContain("nats");
  }

  @Test
  void withoutTheTokensThePageSaysThatLossesCannotBeCompared() throws IOException {
    Path chars = train(text, "chars");
    Path pairs = train(text, "pairs", "--tokenizer=bpe", "--vocabulary=300");
    Files.delete(pairs.resolve("data/validation.tokens"));
    CommandRun compared = compare(chars, pairs);

    assertThat(compared.err()).contains("warning: bits per byte are not known", "note: ");
    assertThat(page)
        .content()
        .contains("losses per token cannot be compared, and bits per byte are not known")
        .contains("nats per token, against tokens");
  }

  @Test
  void runsOfDifferentTextsSaySo() throws IOException {
    Path other = Files.writeString(folder.resolve("other.txt"), content.substring(100));
    CommandRun compared = compare(train(text, "one"), train(other, "two"));

    assertThat(compared.err()).contains("different texts");
    assertThat(compared.out()).contains("text.txt (", "other.txt (");
  }

  /** Several documents, of which the seed keeps other ones. */
  @Test
  void whatTheSeedKeepsForValidationIsTold() throws IOException {
    Path documents = Files.createDirectory(folder.resolve("documents"));
    for (int i = 0; i < 20; i++) {
      Files.writeString(documents.resolve(i + ".txt"), content.substring(i * 100, i * 100 + 300));
    }
    Path one = train(documents, "s-1", "--seed=1");
    Path two = train(documents, "s-2", "--seed=2");

    assertThat(compare(one, two).err()).contains("different parts of the text for validation");
    assertThat(compare(one).err()).isEmpty();
  }
}
