package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that train what is added to a model, and what the other commands make of them. */
class TrainAdapterTest {

  private static final String TEXT = "To be, or not to be, that is the question:\n".repeat(40);

  @TempDir private Path folder;
  private Path base;
  private Path text;

  @BeforeEach
  void prepare() throws IOException {
    base = HuggingFaceModels.copy("qwen2", folder.resolve("base"));
    text = Files.writeString(folder.resolve("text.txt"), TEXT);
  }

  private Path train(String name, String... more) {
    Path run = folder.resolve(name);
    String[] all =
        Stream.concat(
                Stream.of(more),
                Stream.of("--steps=6", "--evaluate-every=3", "--checkpoint-every=3", "--keep=3"))
            .toArray(String[]::new);
    CommandRun.trainFrom(base, text, run, all).requireSuccess();
    return run;
  }

  private static List<Path> checkpoints(Path run) throws IOException {
    try (Stream<Path> all = Files.list(run.resolve("checkpoints"))) {
      return all.sorted().toList();
    }
  }

  private static Set<String> names(Path file) throws IOException {
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      return new TreeSet<>(tensors.names());
    }
  }

  private CommandRun eval(Path model, String... more) {
    return CommandRun.of(
        Stream.concat(
                Stream.of(
                    "eval", "--model=" + model, "--data=" + text, "--threads=1", "--context=16"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private static double loss(CommandRun eval) {
    assertThat(eval.exitCode()).as(eval.err()).isZero();
    return Double.parseDouble(eval.out().replaceFirst("(?s).*loss=(\\S+).*", "$1"));
  }

  @Test
  void aCheckpointIsAnAdapterAsPeftHasThem() throws IOException {
    Path run = train("run", "--lora-rank=4", "--lr=1e-2");
    Path newest = checkpoints(run).getLast();

    assertThat(newest.resolve("model.safetensors")).doesNotExist();
    assertThat(names(newest.resolve("adapter_model.safetensors")))
        .isEqualTo(
            names(HuggingFaceModels.adapter("qwen2").resolve("adapter/adapter_model.safetensors")));
    ObjectMapper json = new ObjectMapper();
    JsonNode ours = json.readTree(newest.resolve("adapter_config.json").toFile());
    JsonNode theirs =
        json.readTree(
            HuggingFaceModels.adapter("qwen2").resolve("adapter/adapter_config.json").toFile());
    assertThat(ours.get("base_model_name_or_path").asText())
        .isEqualTo(base.toAbsolutePath().normalize().toString());
    for (String field : List.of("r", "lora_alpha", "target_modules", "fan_in_fan_out", "bias")) {
      assertThat(ours.get(field)).as(field).isEqualTo(theirs.get(field));
    }
    long bytes = 0;
    try (Stream<Path> files = Files.list(newest)) {
      for (Path file : files.filter(each -> !each.toString().contains("tokenizer")).toList()) {
        bytes += Files.size(file);
      }
    }
    assertThat(bytes).isLessThan(Files.size(base.resolve("model.safetensors")) / 2);
    // The first line is of step 0: what the model knew before.
    assertThat(Files.readString(run.resolve("metrics.jsonl"))).contains("\"step\":0");
    assertThat(loss(eval(newest))).isLessThan(loss(eval(base)) - 0.01);
  }

  /** What was measured in training is what eval measures: it computes the same. */
  @Test
  void theModelIsTheOneThatWasTrained() throws IOException {
    // Muon is for the matrices of a model, and leaves what is added to them to AdamW.
    Path run =
        train(
            "run",
            "--lora-rank=4",
            "--lora-targets=q_proj,v_proj",
            "--lr=1e-2",
            "--optimizer=muon");
    CommandRun whole = eval(run);
    Path merged = folder.resolve("merged");
    export(run, "hf", merged, "--merge").requireSuccess();

    assertThat(loss(eval(merged))).isCloseTo(loss(whole), within(1e-5));
    CommandRun.of("generate", "--model=" + run, "--prompt=To", "--max-tokens=3", "--temperature=0")
        .requireSuccess();
  }

  private static CommandRun export(Path model, String to, Path out, String... more) {
    return CommandRun.of(
        Stream.concat(
                Stream.of("export", "--model=" + model, "--to=" + to, "--out=" + out),
                Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void anotherBaseIsRefused() throws IOException {
    Path run = train("run", "--lora-rank=2");
    Path moved = folder.resolve("moved");
    Files.move(base, moved);
    CommandRun lost = eval(run);
    assertThat(lost.exitCode()).isEqualTo(1);
    assertThat(lost.err()).contains("base_model_name_or_path", base.toString(), "--base");

    assertThat(loss(eval(run, "--base=" + moved))).isPositive();
    Path documents =
        Files.writeString(folder.resolve("documents.jsonl"), "{\"text\": \"Hello\"}\n");
    CommandRun shown =
        CommandRun.of("data", "--model=" + run, "--base=" + moved, "--data=" + documents);
    assertThat(shown.requireSuccess().out()).contains("documents=1 ");

    // The same shapes, and one bit more.
    Path weights = moved.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 3] ^= 1;
    Files.write(weights, bytes);
    CommandRun other = eval(run, "--base=" + moved);
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err()).contains("not the one that this adapter was trained on", "SHA-256");
    Files.move(moved, base);
    CommandRun resumed =
        CommandRun.of("train", "--resume", "--out=" + run, "--steps=8", "--threads=1");
    assertThat(resumed.exitCode()).isEqualTo(1);
    assertThat(resumed.err())
        .contains("not the one that this adapter was trained on", "put it back there")
        .doesNotContain("--base");
  }

  /** PEFT's, ours, and ours as it is exported for PEFT. */
  @Test
  void goesOnFromAnAdapter() throws IOException {
    Path peft = HuggingFaceModels.copyAdapter("qwen2", folder.resolve("peft"));
    double before = loss(eval(peft, "--base=" + base));
    Path run = train("run", "--adapter=" + peft, "--lr=1e-2");
    String config = Files.readString(run.resolve("config.yaml"));
    assertThat(config).contains("lora_rank: 4", "lora_alpha: 8.0");
    double after = loss(eval(run));
    assertThat(after).isLessThan(before - 0.01);
    Path exported = folder.resolve("exported");
    export(run, "peft", exported).requireSuccess();
    assertThat(exported).isDirectoryContaining("glob:**/adapter_config.json");
    assertThat(loss(eval(exported))).isEqualTo(after);
    Path again = folder.resolve("again");
    CommandRun.of(
            "train",
            "--adapter=" + exported,
            "--data=" + text,
            "--out=" + again,
            "--steps=2",
            "--lr=1e-2",
            "--context=16",
            "--batch=2",
            "--sample-tokens=0",
            "--threads=1")
        .requireSuccess();
    assertThat(loss(eval(again))).isLessThan(after);
  }

  @Test
  void whatCannotBeIsRefusedByName() throws IOException {
    assertRefused("--lora-targets=q_proj,lm_head", "lm_head", "--lora-rank=2");
    assertRefused("--lora-alpha=4", "needs a --lora-rank");
    assertRefused(
        "--sampled-softmax=100",
        "trains the output projection, which --lora-rank leaves as it is",
        "--lora-rank=2");
    assertRefused("--adapter=" + base, "whole model");
    assertRefused("--adapter=nowhere", "--adapter takes a run");
    Path run = train("run", "--lora-rank=2");
    assertRefused("--lora-rank=4", "the adapter of --adapter decides it", "--adapter=" + run);
    CommandRun from =
        CommandRun.trainFrom(run, text, folder.resolve("other"), "--steps=1", "--warmup=0");
    assertThat(from.exitCode()).isEqualTo(1);
    assertThat(from.err()).contains("an adapter, and --from takes a whole model");
    Path moved = Files.move(base, folder.resolve("moved"));
    CommandRun lost =
        CommandRun.trainFrom(run, text, folder.resolve("other"), "--steps=1", "--warmup=0");
    assertThat(lost.err()).isEqualTo(from.err());
    Files.move(moved, base);
    assertThat(export(run, "hf", folder.resolve("hf")).err()).contains("--merge", "--to peft");
    assertThat(export(base, "peft", folder.resolve("peft")).err()).contains("is whole");
    assertThat(export(base, "hf", folder.resolve("hf"), "--merge").err()).contains("no adapter");
    assertThat(export(run, "gguf", folder.resolve("a.gguf"), "--dtype=q8_0").err())
        .contains("--merge");
    assertThat(eval(base, "--base=" + base).err()).contains("no adapter");
    assertThat(eval(run, "--base=nowhere").err()).contains("nowhere", "--base", run.toString());
    assertThat(eval(run, "--base=" + run).err()).contains("an adapter itself", "--base");
  }

  private void assertRefused(String option, String message, String... more) {
    Path out = folder.resolve("refused");
    String[] all = Stream.concat(Stream.of(option), Stream.of(more)).toArray(String[]::new);
    CommandRun run = CommandRun.trainFrom(base, text, out, all);
    assertThat(run.exitCode()).as(option).isNotZero();
    assertThat(run.err()).contains(message);
  }

  /** A run of ours can be the base, and its tables of n-grams stay as they are. */
  @Test
  void aRunWithTablesCanBeTheBase() throws IOException {
    Path own = folder.resolve("own");
    CommandRun.train(
            text,
            own,
            "--family=lanewise",
            "--ngrams=2:64",
            "--biases=false",
            "--tied-head=false",
            "--steps=4",
            "--warmup=1",
            "--checkpoint-every=4",
            "--evaluate-every=4")
        .requireSuccess();
    base = own;
    Path run = train("run", "--lora-rank=2", "--lr=1e-2", "--lora-dropout=0.1");
    Path merged = folder.resolve("merged");
    export(run, "hf", merged, "--merge").requireSuccess();
    assertThat(loss(eval(merged))).isCloseTo(loss(eval(run)), within(1e-5));
    assertThat(export(run, "peft", folder.resolve("peft")).err()).contains("no lanewise models");
  }

  /** Little was trained, and eight bits are few: f32 keeps it. */
  @Test
  void aQuantizedMergeDoesNotEraseWhatWasTrained() throws IOException {
    Path run = train("run", "--lora-rank=2", "--lr=1e-6");
    CommandRun run8 =
        export(run, "gguf", folder.resolve("a.gguf"), "--merge", "--dtype=q8_0").requireSuccess();
    assertThat(run8.err()).contains("are f32, because q8_0 would erase what was trained");
    CommandRun halves =
        export(run, "hf", folder.resolve("hf"), "--merge", "--dtype=bf16").requireSuccess();
    assertThat(halves.err()).contains("the rounding to bf16 is larger than what was trained");
    assertThat(Files.size(folder.resolve("a.gguf"))).isPositive();
  }
}
