package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.model.io.GgufReader;
import dev.lanewise.model.io.GgufValue;
import dev.lanewise.model.io.GgufWriter;
import dev.lanewise.model.layer.RotaryPositions;
import dev.lanewise.model.layer.RotaryScaling;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** GGUF files of tiny models against what llama.cpp's own converter makes of them. */
class GgufFileTest {

  private static final List<String> MODELS =
      List.of("gpt2", "llama-smollm2", "llama3", "mistral", "qwen2", "qwen3");

  @TempDir private Path folder;

  private static List<Arguments> filesOfAllModels() {
    List<Arguments> files = new ArrayList<>();
    for (String model : MODELS) {
      for (Encoding encoding : Encoding.values()) {
        files.add(Arguments.of(model, encoding));
      }
    }
    return files;
  }

  private GgufReader written(String model, Encoding encoding) throws IOException {
    Path source = ModelFolders.huggingFace(model).resolve("hf");
    ModelDescription description = ModelFolder.readConfig(source);
    Transformer transformer = new Transformer(description.config(), ScalarKernels.create(), 1);
    ParameterStore weights = ModelFolder.readWeights(source, description, transformer);
    return written(GgufFile.writer(description, weights, encoding));
  }

  private GgufReader written(GgufWriter writer) throws IOException {
    Path file = folder.resolve("model.gguf");
    long[] bytes = new long[1];
    writer.write(file, n -> bytes[0] += n);
    assertThat(bytes[0]).isEqualTo(writer.tensorBytes());
    return GgufReader.read(file);
  }

  private static String hash(byte[] data) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(data);
      return HexFormat.of().formatHex(digest).substring(0, 32);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @MethodSource("filesOfAllModels")
  void tensorsAreThoseOfLlamaCpp(String model, Encoding encoding) throws IOException {
    GgufReader file = written(model, encoding);
    JsonNode expected =
        new ObjectMapper().readTree(ModelFolders.huggingFace(model).resolve("gguf.json").toFile());
    List<String> names = new ArrayList<>();
    for (JsonNode tensor : expected.get("tensors")) {
      String name = tensor.get("name").asText();
      names.add(name);
      GgufReader.Tensor actual = file.tensors().get(name);
      assertThat(actual).as(name).isNotNull();
      List<Long> shape = new ArrayList<>();
      tensor.get("shape").forEach(size -> shape.add(size.asLong()));
      assertThat(actual.shape()).as(name).isEqualTo(shape);
      assertThat(actual.type()).as(name).isEqualTo(tensor.get("types").get(encoding.id()).asText());
      if (!name.equals("rope_freqs.weight")) {
        assertThat(hash(actual.bytes()))
            .as(name)
            .isEqualTo(tensor.get("sha256").get(encoding.id()).asText());
      }
    }
    assertThat(file.tensors().keySet()).containsExactlyInAnyOrderElementsOf(names);
  }

  @ParameterizedTest
  @MethodSource("filesOfAllModels")
  void sizesAreThoseOfLlamaCpp(String model, Encoding encoding) throws IOException {
    Map<String, GgufReader.Value> actual = written(model, encoding).metadata();
    JsonNode expected =
        new ObjectMapper()
            .readTree(ModelFolders.huggingFace(model).resolve("gguf.json").toFile())
            .get("metadata");
    List<String> keys = new ArrayList<>();
    expected
        .properties()
        .forEach(
            field -> {
              String key = field.getKey();
              if (key.startsWith("tokenizer.")) {
                return;
              }
              keys.add(key);
              GgufReader.Value value = actual.get(key);
              assertThat(value).as(key).isNotNull();
              assertThat(value.type()).as(key).isEqualTo(field.getValue().get("type").asText());
              String golden = field.getValue().get("value").asText();
              if (!key.equals("general.file_type")) {
                assertThat(String.valueOf(value.value())).as(key).isEqualTo(golden);
              }
            });
    assertThat(actual.keySet()).containsExactlyInAnyOrderElementsOf(keys);
  }

  @ParameterizedTest
  @CsvSource({"F32, 0", "F16, 1", "Q8_0, 7", "BF16, 32"})
  void theFileSaysItsEncoding(Encoding encoding, long type) throws IOException {
    assertThat(written("llama-smollm2", encoding).metadata().get("general.file_type").value())
        .isEqualTo(type);
  }

  /** By the words of Llama 3: wavelengths, not frequencies. */
  @Test
  void divisorsOfFrequencies() throws IOException {
    GgufReader.Tensor tensor = written("llama3", Encoding.F16).tensors().get("rope_freqs.weight");
    ByteBuffer actual = tensor.data().order(ByteOrder.LITTLE_ENDIAN);
    double factor = 8;
    double original = 64;
    int[] kinds = new int[3];
    for (int i = 0; i < 8; i++) {
      double wavelength = 2 * Math.PI * Math.pow(500_000, i / 8.0);
      double smooth = (original / wavelength - 1) / (4 - 1);
      boolean kept = wavelength < original / 4;
      boolean stretched = wavelength > original;
      double divisor = kept ? 1 : stretched ? factor : 1 / ((1 - smooth) / factor + smooth);
      kinds[kept ? 0 : stretched ? 1 : 2]++;
      assertThat(actual.getFloat()).isCloseTo((float) divisor, within(1e-6f));
    }
    assertThat(kinds).doesNotContain(0);
  }

  @Test
  void linearScalingIsAFactor() {
    assertThat(sizes("llama", new RotaryScaling.Linear(4)))
        .containsEntry("rope.scaling.type", new GgufValue.Text("linear"))
        .containsEntry("rope.scaling.factor", new GgufValue.Real(4));
  }

  @ParameterizedTest
  @CsvSource({"qwen2", "qwen3"})
  void scalingThatLlamaCppDoesNotComputeIsRefused(String family) {
    assertThatThrownBy(() -> sizes(family, new RotaryScaling.Llama3(8, 1, 4, 64)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("llama3")
        .hasMessageContaining(family);
  }

  private static Map<String, GgufValue> sizes(String name, RotaryScaling scaling) {
    Family family = Families.STANDARD.named(name);
    TransformerConfig plain = family.examples(0).get(0);
    RotaryPositions.Choice rotary = (RotaryPositions.Choice) plain.positions();
    TransformerConfig scaled =
        new TransformerConfig(
            plain.vocabularySize(),
            plain.contextLength(),
            plain.layers(),
            plain.block(),
            new RotaryPositions.Choice(
                rotary.headSize(), rotary.rotated(), rotary.theta(), scaling),
            plain.tiedHead());
    return family.gguf().orElseThrow().sizes(scaled);
  }

  /** llama.cpp's GPT-2 always has biases. */
  @Test
  void aModelWithoutBiasesHasZeros() throws IOException {
    Gpt2 family = new Gpt2();
    TransformerConfig config =
        family.choose(new ModelSizes(17, 8, 32, 2, 0, 0, 1, 64, false, false, 0, 0));
    Transformer transformer = new Transformer(config, ScalarKernels.create(), 1);
    ParameterStore weights = new ParameterStore(transformer.layout());
    GgufReader file =
        written(GgufFile.writer(new ModelDescription(family, config), weights, Encoding.Q8_0));
    assertThat(file.tensors().keySet())
        .contains(
            "output.weight",
            "output_norm.bias",
            "blk.0.attn_norm.bias",
            "blk.0.attn_qkv.bias",
            "blk.0.attn_output.bias",
            "blk.0.ffn_norm.bias",
            "blk.0.ffn_up.bias",
            "blk.0.ffn_down.bias");
    assertThat(file.tensors().get("blk.0.attn_qkv.bias").bytes()).containsOnly(0);
    assertThat(file.tensors().get("position_embd.weight").type()).isEqualTo("F32");
    assertThat(file.tensors().get("output.weight").type()).isEqualTo("Q8_0");
  }

  @Test
  void aFamilyWithoutAFormIsRefusedByName() {
    Family family = new AddedFamily();
    TransformerConfig config = family.examples(0).get(0);
    Transformer transformer = new Transformer(config, ScalarKernels.create(), 1);
    ParameterStore weights = new ParameterStore(transformer.layout());
    assertThatThrownBy(
            () -> GgufFile.writer(new ModelDescription(family, config), weights, Encoding.F32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(family.modelType());
  }

  @Test
  void whatFloat16CannotHoldIsNamed() {
    GgufWriter writer =
        new GgufWriter()
            .add(
                "a.weight",
                Shape.of(1, 3),
                Encoding.F16,
                () -> new FloatTensor(new float[] {1, 2, 70_000}, 0, Shape.of(1, 3)));
    assertThatThrownBy(() -> written(writer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a.weight: element 2 is 70000.0, which f16 cannot hold");
  }

  @Test
  void rowsThatAreNoBlocksAreRefused() {
    assertThatThrownBy(() -> new GgufWriter().add("a", Shape.of(2, 48), Encoding.Q8_0, () -> null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rows of 48");
  }

  @Test
  void aKeyAndANameComeOnce() {
    GgufWriter writer = new GgufWriter().put("k", new GgufValue.Flag(true));
    assertThatThrownBy(() -> writer.put("k", new GgufValue.Flag(false)))
        .hasMessageContaining("k is taken");
    writer.add("a", Shape.of(1), Encoding.F32, () -> null);
    assertThatThrownBy(() -> writer.add("a", Shape.of(1), Encoding.F32, () -> null))
        .hasMessageContaining("a is taken");
    assertThatThrownBy(() -> new GgufValue.Unsigned(-1)).hasMessageContaining("-1");
  }
}
