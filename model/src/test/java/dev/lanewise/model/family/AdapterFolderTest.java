package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.model.io.GgufReader;
import dev.lanewise.model.io.GgufWriter;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.model.memory.Adaptation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters in files: what is refused, and in which order rows lie where others want them. */
class AdapterFolderTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private ModelDescription model;

  @BeforeEach
  void copy() throws IOException {
    Path adapter = ModelFolders.huggingFace("llama-smollm2").resolve("lora/adapter");
    for (String file : List.of(AdapterFolder.CONFIGURATION, AdapterFolder.WEIGHTS)) {
      Files.copy(adapter.resolve(file), folder.resolve(file));
    }
    model = ModelFolder.readConfig(ModelFolders.huggingFace("llama-smollm2").resolve("hf"));
  }

  private void change(String field, String json) throws IOException {
    Path file = folder.resolve(AdapterFolder.CONFIGURATION);
    ObjectNode fields = (ObjectNode) JSON.readTree(file.toFile());
    fields.set(field, JSON.readTree(json));
    Files.writeString(file, fields.toString());
  }

  private static Transformer adapted(ModelDescription model, Adaptation adaptation) {
    return new Transformer(model.config(), ScalarKernels.create(), 1, 1, adaptation);
  }

  private ParameterStore readWeights() throws IOException {
    Adaptation adaptation = AdapterFolder.readConfig(folder, model).adaptation(model);
    return AdapterFolder.readWeights(
        folder, model, adaptation, adapted(model, adaptation).layout());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "peft_type | \"IA3\" | IA3",
        "use_dora | true | not supported",
        "bias | \"all\" | trained biases",
        "lora_bias | true | not supported",
        "modules_to_save | [\"lm_head\"] | not supported",
        "rank_pattern | {\"q_proj\": 8} | not supported",
        "alpha_pattern | {\"q_proj\": 8} | not supported",
        "layers_to_transform | [0] | not supported",
        "layers_to_transform | 0 | not supported",
        "exclude_modules | \"q_proj\" | not supported",
        "init_lora_weights | \"pissa\" | changes the weights of the base",
        "target_modules | \".*_proj\" | a pattern",
        "target_modules | [\"lm_head\"] | q_proj",
        "target_modules | [\"model.layers.0.self_attn.q_proj\"] | q_proj of some layers alone",
        "target_modules | [\"0.mlp.up_proj\", \"k_proj\"] | up_proj of some layers alone",
        "target_modules | [] | names nothing",
        "target_modules | [3] | not a list of names",
        "target_modules | null | missing",
        "r | null | missing",
        "r | 0 | from 1 to",
        "r | 2.5 | from 1 to",
        "lora_alpha | 0 | above 0",
        "lora_dropout | 1 | [0, 1)"
      })
  void whatIsNotSupportedIsRefusedByName(String field, String json, String message)
      throws IOException {
    change(field, json);
    assertThatThrownBy(() -> AdapterFolder.readConfig(folder, model))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll(AdapterFolder.CONFIGURATION, field, message);
  }

  @Test
  void whatChangesNothingIsPassedOver() throws IOException {
    AdapterConfig before = AdapterFolder.readConfig(folder, model);
    change("a_field_to_come", "{\"x\": [1]}");
    change("init_lora_weights", "\"gaussian\"");
    change("target_modules", "\"all-linear\"");
    AdapterConfig after = AdapterFolder.readConfig(folder, model);
    assertThat(after).isEqualTo(before);
  }

  /** PEFT's lists for many kinds of models name what this one does not have. */
  @Test
  void oneTargetThatTheModelHasIsEnough() throws IOException {
    change("target_modules", "[\"q_proj\", \"c_attn\", \"self_attn.v_proj\"]");
    assertThat(AdapterFolder.readConfig(folder, model).targets())
        .containsExactly("q_proj", "self_attn.v_proj");
  }

  @Test
  void rankStabilizedIsAnotherScale() throws IOException {
    change("use_rslora", "true");
    AdapterConfig config = AdapterFolder.readConfig(folder, model);
    assertThat(config.adaptation(model).scale()).isEqualTo(8 / 2f);
  }

  @Test
  void aPickledAdapterIsNamedWithWhatToDo() throws IOException {
    Files.move(folder.resolve(AdapterFolder.WEIGHTS), folder.resolve("adapter_model.bin"));
    assertThatThrownBy(this::readWeights)
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll(
            AdapterFolder.WEIGHTS, "adapter_model.bin", "not read", "save_pretrained");
    assertThatThrownBy(() -> AdapterFolder.baseDigest(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("adapter_model.bin");
  }

  @Test
  void tensorsThatAreMissingOrOfOthersAreNamed() throws IOException {
    change("target_modules", "[\"q_proj\"]");
    assertThatThrownBy(this::readWeights)
        .hasMessageContainingAll(AdapterFolder.WEIGHTS, "down_proj", "no part of such an adapter");
    change("target_modules", "\"all-linear\"");
    change("r", "3");
    assertThatThrownBy(this::readWeights)
        .hasMessageContainingAll("lora_A", "expected shape [3, 48], found [4, 48]");
    ModelDescription other =
        ModelFolder.readConfig(ModelFolders.huggingFace("llama3").resolve("hf"));
    change("r", "4");
    model = other;
    assertThatThrownBy(this::readWeights).hasMessageContaining("expected shape");
  }

  private GgufReader gguf(GgufWriter writer, String name) throws IOException {
    Path file = folder.resolve(name);
    writer.write(file, bytes -> {});
    return GgufReader.read(file);
  }

  private static float[] floats(GgufReader.Tensor tensor) {
    ByteBuffer bytes = ByteBuffer.wrap(tensor.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    float[] floats = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(floats);
    return floats;
  }

  /**
   * B times A, in the rows of the file, is what merging adds to each tensor of the model's file.
   */
  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama-smollm2", "llama3", "mistral", "qwen2", "qwen3"})
  void rowsOfAGgufAdapterAreThoseOfTheModel(String name) throws IOException {
    ModelDescription described =
        ModelFolder.readConfig(ModelFolders.huggingFace(name).resolve("hf"));
    AdapterConfig config = new AdapterConfig(2, 3, 0, AdapterConfig.allTargets(described), "");
    Adaptation adaptation = config.adaptation(described);
    ParameterStore adapters = AdapterFolder.newStore(adapted(described, adaptation).layout());
    RandomStream random = new RandomStream(1, RandomStream.DIAGNOSTICS, 0);
    for (int i = 0; i < adapters.data().length; i++) {
      adapters.data()[i] = (float) random.nextGaussian();
    }
    Transformer plain = adapted(described, Adaptation.NONE);
    ParameterStore weights = new ParameterStore(plain.layout());
    AdapterFolder.merge(adaptation, adapters, weights);
    GgufReader merged = gguf(GgufFile.writer(described, weights, Encoding.F32), "merged.gguf");
    GgufReader alone =
        gguf(GgufAdapterFile.writer(described, config, adapters, Encoding.F32), "alone.gguf");

    assertThat(alone.metadata().get("general.type").value()).isEqualTo("adapter");
    assertThat(alone.metadata().get("adapter.type").value()).isEqualTo("lora");
    assertThat(alone.metadata().get("adapter.lora.alpha").value()).isEqualTo(3.0);
    assertThat(alone.metadata().get("general.architecture").value())
        .isEqualTo(merged.metadata().get("general.architecture").value());
    int found = 0;
    for (String tensor : merged.tensors().keySet()) {
      float[] whole = floats(merged.tensors().get(tensor));
      GgufReader.Tensor a = alone.tensors().get(tensor + ".lora_a");
      if (a == null) {
        // Frequencies hold no parameter.
        if (!tensor.equals("rope_freqs.weight")) {
          assertThat(whole).as(tensor).containsOnly(0f);
        }
        continue;
      }
      GgufReader.Tensor b = alone.tensors().get(tensor + ".lora_b");
      int in = merged.tensors().get(tensor).shape().get(0).intValue();
      int out = merged.tensors().get(tensor).shape().get(1).intValue();
      assertThat(a.shape()).containsExactly((long) in, 2L);
      assertThat(b.shape()).containsExactly(2L, (long) out);
      float[] down = floats(a);
      float[] up = floats(b);
      for (int i = 0; i < out * in; i++) {
        double sum = 0;
        for (int r = 0; r < 2; r++) {
          sum += 1.5 * up[i / in * 2 + r] * down[r * in + i % in];
        }
        assertThat(Math.abs(whole[i] - sum)).as(tensor).isLessThan(1e-5);
      }
      found += 2;
    }
    assertThat(alone.tensors()).hasSize(found);
  }

  /** GPT-NeoX's files have queries, keys and values by turns; an adapter's B too. */
  @Test
  void rowsThatAFileHasByTurnsComeBack() throws IOException {
    ModelDescription neox =
        ModelFolder.readConfig(ModelFolders.huggingFace("gpt-neox").resolve("hf"));
    TransformerConfig config = neox.config();
    AdapterConfig one = new AdapterConfig(2, 2, 0, List.of("query_key_value"), "");
    Adaptation adaptation = one.adaptation(neox);
    Transformer transformer = adapted(neox, adaptation);
    ParameterStore adapters = AdapterFolder.newStore(transformer.layout());
    for (int i = 0; i < adapters.data().length; i++) {
      adapters.data()[i] = i;
    }
    Path file = folder.resolve(AdapterFolder.WEIGHTS);
    AdapterFolder.weights(neox, adaptation, adapters, "").write(file);
    ParameterStore again =
        AdapterFolder.readWeights(folder, neox, adaptation, transformer.layout());
    assertThat(again.data()).isEqualTo(adapters.data());

    // B A, in the rows of the file, is what merging adds to the tensor of the model's file.
    ParameterStore weights = new ParameterStore(adapted(neox, Adaptation.NONE).layout());
    AdapterFolder.merge(adaptation, adapters, weights);
    Parameter weight = weights.layout().parameter("layers.0.attention.qkv.weight");
    StoredTensor stored = neox.family().stored(config, weight).getFirst();
    FloatTensor expected = new StoredLayout(weight, stored).extract(weights.tensor(weight));
    int in = config.width();
    int out = weight.rowSize();
    String name = "base_model.model." + stored.name().replace(".weight", ".lora_");
    FloatTensor a = ModelFolder.zeros(Shape.of(2, in));
    FloatTensor b = ModelFolder.zeros(Shape.of(out, 2));
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      tensors.read(name + "A.weight", a);
      tensors.read(name + "B.weight", b);
    }
    for (int i = 0; i < expected.size(); i++) {
      double sum = 0;
      for (int r = 0; r < 2; r++) {
        sum += (double) b.get(i / in * 2 + r) * a.get(r * in + i % in);
      }
      assertThat(expected.get(i)).isEqualTo((float) sum);
    }
  }
}
