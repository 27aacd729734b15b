package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.AdapterFolder;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is added to a model of sixteen bits is trained to the same bits as on the same numbers in
 * thirty-two, though the model lies in memory as its file has it.
 */
class FrozenPrecisionTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> OF_THE_MACHINE =
      List.of("ms", "tokens_per_s", "gflops", "peak_fraction", "heap_bytes", "resident_bytes");

  @TempDir private Path folder;
  private Path text;

  @BeforeEach
  void prepare() throws IOException {
    text = folder.resolve("text.txt");
    Files.writeString(text, "To be, or not to be, that is the question:\n".repeat(40));
  }

  /** The model, with the numbers of another in an encoding. */
  private Path encoded(String model, Path numbers, Encoding encoding, String name)
      throws IOException {
    Path to = HuggingFaceModels.copy(model, folder.resolve(name));
    ModelDescription description = ModelFolder.readConfig(to);
    Transformer plan = new Transformer(description.config(), ScalarKernels.create(), 1, 1);
    Path source = numbers == null ? to : numbers;
    ModelFolder.weights(description, ModelFolder.readWeights(source, description, plan), encoding)
        .write(to.resolve(ModelFolder.WEIGHTS));
    return to;
  }

  private Path train(Path base, String name, String... more) {
    Path run = folder.resolve(name);
    String[] all =
        Stream.concat(
                Stream.of(
                    "--lora-rank=3",
                    "--lora-dropout=0.1",
                    "--lr=1e-2",
                    "--batch=4",
                    "--steps=6",
                    "--evaluate-every=3",
                    "--checkpoint-every=3",
                    "--sample-tokens=5",
                    "--keep=3"),
                Stream.of(more))
            .toArray(String[]::new);
    CommandRun.trainFrom(base, text, run, all).requireSuccess();
    return run;
  }

  private static Path newest(Path run) throws IOException {
    try (Stream<Path> all = Files.list(run.resolve("checkpoints"))) {
      return all.sorted().toList().getLast();
    }
  }

  /** The numbers of all tensors; the header before them has the SHA-256 of the base's file. */
  private static byte[] adapter(Path run) throws IOException {
    byte[] file = Files.readAllBytes(newest(run).resolve(AdapterFolder.WEIGHTS));
    long header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return Arrays.copyOfRange(file, Long.BYTES + Math.toIntExact(header), file.length);
  }

  private static List<String> metrics(Path run) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      ObjectNode fields = (ObjectNode) JSON.readTree(line);
      lines.add(fields.remove(OF_THE_MACHINE).toString());
    }
    return lines;
  }

  private static void requireSameBits(Path run, Path expected) throws IOException {
    assertThat(adapter(run)).isEqualTo(adapter(expected)).isNotEmpty();
    assertThat(newest(run).resolve("optimizer.state"))
        .hasSameBinaryContentAs(newest(expected).resolve("optimizer.state"));
    assertThat(metrics(run)).isEqualTo(metrics(expected)).hasSizeGreaterThan(6);
  }

  @ParameterizedTest
  @CsvSource({"qwen2, BF16", "gpt2, BF16", "llama3, F16", "gpt2, F16"})
  void theBitsAreThoseOfFloats(String model, Encoding encoding) throws IOException {
    Path shorter = encoded(model, null, encoding, "shorter");
    Path floats = encoded(model, shorter, Encoding.F32, "floats");
    assertThat(Files.size(shorter.resolve(ModelFolder.WEIGHTS)))
        .isLessThan(Files.size(floats.resolve(ModelFolder.WEIGHTS)) * 2 / 3);
    Path expected = train(floats, "expected");
    requireSameBits(train(shorter, "one"), expected);
    requireSameBits(train(shorter, "two", "--threads=2"), expected);
    requireSameBits(train(shorter, "again", "--recompute=on", "--threads=2"), expected);
  }

  /** The model is read anew, and the adapter and what is remembered of it from the checkpoint. */
  @Test
  void aRunThatGoesOnHasTheSameBits() throws IOException {
    Path base = encoded("qwen2", null, Encoding.BF16, "base");
    Path whole = train(base, "whole");
    Path broken = train(base, "broken");
    DurableFiles.deleteTree(newest(broken));
    assertThat(newest(broken).getFileName()).isNotEqualTo(newest(whole).getFileName());
    CommandRun.of("train", "--resume", "--out=" + broken, "--threads=2").requireSuccess();
    requireSameBits(broken, whole);
  }
}
