package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.EditedFile;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights that are found to be damaged while they are read. */
class ModelOptionsTest {

  private static final String DAMAGED = "step-000004";
  private static final String SOUND = "step-000002";

  @TempDir private Path folder;
  private Path run;

  @BeforeEach
  void damageTheBestCheckpoint() throws IOException {
    Path text = folder.resolve("text.txt");
    Files.writeString(text, "The cat sat on the mat, and the dog lay by the door.\n".repeat(60));
    Path model = HuggingFaceModels.copy("llama3", folder.resolve("model"));
    run = folder.resolve("run");
    CommandRun.trainFrom(
            model, text, run, "--steps=4", "--checkpoint-every=2", "--evaluate-every=2", "--keep=2")
        .requireSuccess();
    EditedFile.flipABit(run.resolve("checkpoints").resolve(DAMAGED).resolve("model.safetensors"));
  }

  private String[] arguments(String command, String... more) {
    String[] arguments = new String[more.length + 4];
    arguments[0] = command;
    arguments[1] = "--model=" + run;
    arguments[2] = "--max-tokens=3";
    arguments[3] = "--threads=1";
    System.arraycopy(more, 0, arguments, 4, more.length);
    return arguments;
  }

  private static void assertTookTheOther(CommandRun ended) {
    ended.requireSuccess();
    assertThat(ended.out()).isNotEmpty();
    assertThat(ended.err())
        .contains("the best checkpoint", DAMAGED, "the checkpoint of step 2", SOUND);
  }

  @Test
  void generateTakesAnotherCheckpoint() {
    assertTookTheOther(CommandRun.of(arguments("generate", "--prompt=The cat")));
  }

  @Test
  void scriptsReadWarningsWhereTheyReadTheRest() {
    CommandRun ended = CommandRun.of(arguments("generate", "--prompt=The cat", "--json"));
    ended.requireSuccess();
    assertThat(ended.out().lines())
        .anySatisfy(
            line -> assertThat(line).contains("\"type\":\"warning\"", "passed over", DAMAGED))
        .allSatisfy(line -> assertThat(line).startsWith("{").endsWith("}"));
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void chatTakesAnotherCheckpoint() {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream("Hello!\n".getBytes(StandardCharsets.UTF_8)));
    try {
      assertTookTheOther(CommandRun.of(arguments("chat")));
    } finally {
      System.setIn(before);
    }
  }
}
