package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.trainer.cli.jvm.ChildJvm;
import dev.lanewise.trainer.fixture.EditedFile;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import dev.lanewise.trainer.fixture.Texts;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExportCommandTest {

  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void copyModel() throws IOException {
    model = HuggingFaceModels.copy("qwen2", folder.resolve("model"));
  }

  private CommandRun export(String to, Path out, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("export", "--model", model.toString(), "--to", to, "--out", out.toString()));
    arguments.addAll(Arrays.asList(more));
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  private void requireDone(CommandRun run) throws IOException {
    run.requireSuccess();
    assertThat(run.err()).doesNotContain("\tat ");
    requireNothingLeft();
  }

  private void requireRefused(CommandRun run, int exitCode, String... messages) throws IOException {
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    assertThat(run.err()).contains(messages).doesNotContain("\tat ", "bug");
    requireNothingLeft();
  }

  private void requireNothingLeft() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.endsWith(".tmp") || name.endsWith(".old"));
    }
  }

  private static byte[] begin(Path file, int bytes) throws IOException {
    return Arrays.copyOf(Files.readAllBytes(file), bytes);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "no signals")
  void nothingStaysBehindAfterTerm() throws Exception {
    Path out = folder.resolve("out");
    Process writing =
        new ProcessBuilder(
                ChildJvm.command(List.of(), EndlessWriting.class, List.of(out.toString())))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader told = writing.inputReader(StandardCharsets.UTF_8)) {
      assertThat(told.readLine()).isEqualTo("a part is there");
      ChildJvm.signal("TERM", writing.pid());
      assertThat(writing.waitFor()).isEqualTo(128 + 15);
    } finally {
      writing.destroyForcibly().waitFor();
    }
    requireNothingLeft();
    assertThat(out).doesNotExist();
  }

  @Test
  void aGgufIsWrittenAndMeasured() throws IOException {
    Path out = folder.resolve("new/folder/x.gguf");
    CommandRun run = export("gguf", out);
    requireDone(run);
    assertThat(run.out()).contains("wrote " + out, "gguf f32", "kB");
    assertThat(begin(out, 4)).isEqualTo("GGUF".getBytes(StandardCharsets.US_ASCII));
    assertThat(Files.size(out)).isGreaterThan(290_000);
  }

  @ParameterizedTest
  @CsvSource({"f16, 0.55", "bf16, 0.55", "q8_0, 0.55"})
  void shorterFloatsMakeASmallerFile(String dtype, double share) throws IOException {
    requireDone(export("gguf", folder.resolve("long.gguf")));
    requireDone(export("gguf", folder.resolve("short.gguf"), "--dtype", dtype));
    assertThat((double) Files.size(folder.resolve("short.gguf")))
        .isLessThan(share * Files.size(folder.resolve("long.gguf")));
  }

  @Test
  void theSameModelGivesTheSameBytes() throws IOException {
    requireDone(export("gguf", folder.resolve("a.gguf")));
    requireDone(export("gguf", folder.resolve("b.gguf")));
    assertThat(folder.resolve("a.gguf")).hasSameBinaryContentAs(folder.resolve("b.gguf"));
  }

  @Test
  void aFolderHasAllThatTheModelHas() throws IOException {
    Path out = folder.resolve("hf");
    requireDone(export("hf", out));
    assertThat(names(out)).isEqualTo(names(model));
    for (String same : List.of("tokenizer.json", "generation_config.json", "chat_template.jinja")) {
      assertThat(out.resolve(same)).hasSameBinaryContentAs(model.resolve(same));
    }
    JsonNode roles = json(out.resolve("tokenizer_config.json"));
    assertThat(roles.get("tokenizer_class").asText()).isEqualTo("PreTrainedTokenizerFast");
    assertThat(roles.get("eos_token").asText()).isEqualTo("<|im_end|>");
    assertThat(roles.get("added_tokens_decoder").get("488").get("special").asBoolean()).isTrue();
  }

  @Test
  void theConfigurationKeepsWhatWeDoNotKnow() throws IOException {
    Path out = folder.resolve("hf");
    requireDone(export("hf", out, "--dtype", "bf16"));
    String text = Files.readString(out.resolve("config.json"));
    assertThat(text).contains("\"rms_norm_eps\" : 1e-06", "\"max_window_layers\" : 2");
    JsonNode config = json(out.resolve("config.json"));
    assertThat(config.get("dtype").asText()).isEqualTo("bfloat16");
    assertThat(config.get("torch_dtype").asText()).isEqualTo("bfloat16");
    JsonNode source = json(model.resolve("config.json"));
    for (var field : source.properties()) {
      if (!field.getKey().equals("dtype")) {
        assertThat(config.get(field.getKey())).as(field.getKey()).isEqualTo(field.getValue());
      }
    }
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  /** Out, in again, and out: the same weights. */
  @ParameterizedTest
  @CsvSource({"f32", "bf16", "f16"})
  void anExportIsAModelToo(String dtype) throws IOException {
    requireDone(export("hf", folder.resolve("once"), "--dtype", dtype));
    model = folder.resolve("once");
    requireDone(export("hf", folder.resolve("again"), "--dtype", dtype));
    for (String name : names(model)) {
      assertThat(folder.resolve("again").resolve(name)).hasSameBinaryContentAs(model.resolve(name));
    }
  }

  @Test
  void aRunGivesItsBestCheckpoint() throws IOException {
    Path text = Files.writeString(folder.resolve("a.txt"), Texts.LINES);
    CommandRun.train(
            text,
            folder.resolve("run"),
            "--tokenizer=bpe",
            "--vocabulary=262",
            "--d-model=32",
            "--d-ff=64",
            "--steps=3")
        .requireSuccess();
    model = folder.resolve("run");
    Path out = folder.resolve("hf");
    CommandRun run = export("hf", out);
    requireDone(run);
    assertThat(run.err()).contains("checkpoint of step 3");
    Path checkpoint = model.resolve("checkpoints/step-000003");
    assertThat(out.resolve("model.safetensors"))
        .hasSameBinaryContentAs(checkpoint.resolve("model.safetensors"));
    assertThat(names(out)).doesNotContain("manifest.json", "optimizer.state");
    requireDone(export("gguf", folder.resolve("run.gguf"), "--dtype", "q8_0"));
    requireRefused(
        export("gguf", checkpoint.resolve("x.gguf")), 2, "inside the checkpoints of a run");
    model = HuggingFaceModels.copy("qwen2", folder.resolve("other"));
    requireRefused(
        export("hf", checkpoint.resolve("new/hf")), 2, "inside the checkpoints of a run");
  }

  /** Another trainer would take the run whose lock is gone. */
  @Test
  void filesThatARunWritesAreNotReplaced() throws IOException {
    Path run = Files.createDirectory(folder.resolve("other-run"));
    for (String name : List.of("run.lock", "config.yaml", "metrics.jsonl")) {
      Path file = Files.writeString(run.resolve(name), "its own");
      requireRefused(export("gguf", file, "--overwrite"), 2, name, "writes itself");
      assertThat(file).hasContent("its own");
    }
  }

  @Test
  void nothingIsOverwrittenUnasked() throws IOException {
    Path out = Files.writeString(folder.resolve("mine.gguf"), "mine");
    requireRefused(export("gguf", out), 2, "mine.gguf", "--overwrite");
    assertThat(out).hasContent("mine");
    requireDone(export("gguf", out, "--overwrite"));
    assertThat(Files.size(out)).isGreaterThan(290_000);
  }

  @Test
  void aFolderOfAModelIsReplacedWhenAsked() throws IOException {
    Path out = folder.resolve("hf");
    requireDone(export("hf", out));
    Files.writeString(out.resolve("model-00001-of-00002.safetensors"), "left of another");
    requireRefused(export("hf", out), 2, "not empty", "--overwrite");
    requireDone(export("hf", out, "--overwrite"));
    assertThat(names(out)).isEqualTo(names(model));
  }

  @Test
  void aFolderWithAnythingElseIsNeverReplaced() throws IOException {
    Path out = folder.resolve("home");
    Files.createDirectories(out.resolve("thesis"));
    requireRefused(export("hf", out, "--overwrite"), 2, "thesis", "no file of a model");
    assertThat(out.resolve("thesis")).exists();
  }

  @Test
  void anEmptyFolderIsAsGoodAsNone() throws IOException {
    requireDone(export("hf", Files.createDirectory(folder.resolve("hf"))));
  }

  @Test
  void theModelItselfIsNotReplaced() throws IOException {
    requireRefused(export("hf", model, "--overwrite"), 2, "is the model itself");
    requireRefused(
        export("hf", folder.resolve("x/../model"), "--overwrite"), 2, "is the model itself");
  }

  @Test
  void placesThatCannotBe() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    requireRefused(export("gguf", folder), 2, "is a folder");
    requireRefused(export("hf", file), 2, "not a folder");
    requireRefused(export("hf", file.resolve("in")), 2, "not a folder");
    requireRefused(export("gguf", Path.of("/")), 2, "no place");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void linksAreNotFollowed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    requireRefused(export("gguf", link, "--overwrite"), 2, "not a regular file");
    assertThat(file).hasContent("x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "ggml; f32; there is no such form; hf, gguf",
        "gguf; F32; there is no such type; f32, f16, bf16, q8_0",
        "gguf; q4_k_m; there is no such type; q8_0",
        "hf; q8_0; --to hf has only; f32, f16, bf16",
        "''; ''; 2 settings cannot be used; --dtype"
      })
  void wrongFormsAreNamed(String to, String dtype, String message, String more) throws IOException {
    Path out = folder.resolve("out");
    requireRefused(export(to, out, "--dtype", dtype), 2, message, more);
    assertThat(out).doesNotExist();
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    assertThat(CommandRun.line("export --model x --to gguf").err()).contains("--out");
    assertThat(CommandRun.line("export --model x --out y").err()).contains("--to");
    model = folder.resolve("nowhere");
    requireRefused(export("gguf", folder.resolve("out")), 1, "nowhere", "no such folder");
  }

  /** Whatever is wrong with the model is found before there is anything at the place. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "gguf; tokenizer.json; Isolated; Removed; pre_tokenizer",
        "gguf; tokenizer.json; {; [; tokenizer.json",
        "hf; config.json; qwen2; qwen9; qwen9",
        "hf; tokenizer_config.json; {; [; tokenizer_config.json",
        "hf; generation_config.json; {; {; ''"
      })
  void aModelThatIsWrong(String to, String file, String from, String into, String message)
      throws IOException {
    Path damaged = model.resolve(file);
    EditedFile.replace(damaged, from, into);
    Path out = folder.resolve("out");
    if (message.isEmpty()) {
      requireDone(export(to, out));
      return;
    }
    requireRefused(export(to, out), 1, message);
    assertThat(out).doesNotExist();
  }

  @Test
  void aFolderWithoutATokenizerMakesOneWithout() throws IOException {
    Files.delete(model.resolve("tokenizer.json"));
    Path out = folder.resolve("hf");
    CommandRun run = export("hf", out);
    requireDone(run);
    assertThat(run.err()).contains("no tokenizer");
    requireRefused(export("gguf", folder.resolve("x.gguf")), 1, "tokenizer.json", "missing");
  }

  /** Its name would go to another folder, and a shell in it would stand in one that is gone. */
  @Test
  void theFolderThatTheCommandRunsInIsNotReplaced() throws Exception {
    Path here = Files.createDirectory(folder.resolve("here"));
    List<String> arguments =
        List.of("export", "--model", model.toString(), "--to", "hf", "--out", ".");
    try (LanewiseProcess process =
        LanewiseProcess.startIn(here, folder.resolve("printed"), List.of(), arguments)) {
      assertThat(process.exitCode()).isEqualTo(2);
      assertThat(process.output()).contains("--out " + here, "the command runs in");
    }
    assertThat(names(here)).isEmpty();
    assertThat(names(folder)).containsExactly("here", "model", "printed");
  }
}
