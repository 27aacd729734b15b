package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lanewise.kernels.Heads;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.InvalidFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A config.json of Llama's kind: what it asks for is computed, or refused by key and value. */
class LlamaConfigTest {

  @TempDir private Path folder;
  private final Map<String, String> fields = new LinkedHashMap<>();

  @BeforeEach
  void aSmallLlama() {
    fields.put("model_type", "\"llama\"");
    fields.put("vocab_size", "100");
    fields.put("hidden_size", "32");
    fields.put("intermediate_size", "64");
    fields.put("num_hidden_layers", "2");
    fields.put("num_attention_heads", "4");
    fields.put("max_position_embeddings", "128");
    fields.put("rope_theta", "10000.0");
  }

  private TransformerConfig read() throws IOException {
    String text =
        fields.entrySet().stream()
            .map(field -> "\"%s\": %s".formatted(field.getKey(), field.getValue()))
            .collect(Collectors.joining(",\n", "{\n", "\n}\n"));
    Files.writeString(folder.resolve("config.json"), text);
    return ModelFolder.readConfig(folder).config();
  }

  @Test
  void whatItLeavesOutHasTheValuesOfTransformers() throws IOException {
    TransformerConfig config = read();
    assertThat(config.tiedHead()).isFalse();
    assertThat(config.block().attention().heads().keyValues()).isEqualTo(4);
    assertThat(config.block().attention().heads().size()).isEqualTo(8);
  }

  /** As transformers: 32 for a Qwen, 8 for a Mistral, and as many as queries for null. */
  @ParameterizedTest
  @CsvSource({"llama, 64, 8, 64", "qwen2, 64, 8, 32", "qwen3, 64, 128, 32", "mistral, 64, 8, 8"})
  void whatAFamilyLeavesOutHasItsOwnValues(String type, int queries, int size, int keyValues)
      throws IOException {
    fields.put("model_type", '"' + type + '"');
    fields.put("hidden_size", "512");
    fields.put("num_attention_heads", Integer.toString(queries));
    assertThat(read().block().attention().heads()).isEqualTo(new Heads(queries, keyValues, size));
    fields.put("num_key_value_heads", "null");
    assertThat(read().block().attention().heads().keyValues()).isEqualTo(queries);
  }

  /** Old files name the class alone, or are a GPT-2. */
  @Test
  void aMissingTypeIsThatOfTheClass() throws IOException {
    fields.remove("model_type");
    fields.put("architectures", "[\"Qwen3ForCausalLM\"]");
    read();
    assertThat(ModelFolder.readConfig(folder).family().modelType()).isEqualTo("qwen3");
    for (String other : List.of("[\"BloomForCausalLM\"]", "null")) {
      fields.put("architectures", other);
      assertThatExceptionOfType(InvalidFileException.class)
          .isThrownBy(this::read)
          .withMessageContaining("model_type: missing, and architectures tells no family")
          .withMessageContaining("llama");
    }
    fields.put("n_embd", "768");
    read();
    assertThat(ModelFolder.readConfig(folder).family().modelType()).isEqualTo("gpt2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          llama   | hidden_act              | "gelu"                                  | gelu is not supported, only silu
          llama   | attention_bias          | true                                    | true is not supported
          llama   | mlp_bias                | true                                    | true is not supported
          llama   | quantization_config     | {"bits": 4}                             | quantized weights are not supported
          llama   | num_local_experts       | 8                                       | mixtures of experts are not supported
          llama   | n_routed_experts        | 8                                       | mixtures of experts are not supported
          qwen3   | num_experts             | 128                                     | mixtures of experts are not supported
          llama   | num_key_value_heads     | 3                                       | do not divide
          llama   | head_dim                | 7                                       | odd
          llama   | rope_scaling            | {"rope_type": "yarn", "factor": 4.0}    | yarn is not supported
          llama   | rope_scaling            | {"type": "dynamic", "factor": 4.0}      | dynamic is not supported
          llama   | rope_scaling            | {"rope_type": "llama3", "factor": 4.0}  | low_freq_factor
          llama   | rope_theta              | null                                    | missing
          mistral | sliding_window          | 64                                      | 64, less than max_position_embeddings 128
          qwen2   | layer_types             | ["full_attention", "sliding_attention"] | sliding_attention is not supported
          """)
  void whatIsNotComputedIsRefusedByKeyAndValue(
      String type, String key, String value, String message) {
    fields.put("model_type", '"' + type + '"');
    fields.put(key, value);
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(this::read)
        .withMessageContaining(key)
        .withMessageContaining(message);
  }

  /** As transformers: a Mistral has a window unless its file says null. */
  @Test
  void aWindowThatIsNotNamedIsTransformers() throws IOException {
    fields.put("model_type", "\"mistral\"");
    read();
    fields.put("max_position_embeddings", "8192");
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(this::read)
        .withMessageContaining("sliding_window: missing, which means 4096");
    fields.put("sliding_window", "null");
    read();
    fields.remove("sliding_window");
    fields.put("model_type", "\"qwen2\"");
    read();
    fields.put("use_sliding_window", "true");
    assertThatExceptionOfType(InvalidFileException.class).isThrownBy(this::read);
  }

  /** Versions of transformers differ in which of them they take. */
  @ParameterizedTest
  @ValueSource(strings = {"rope_parameters", "rope_scaling"})
  void twoBasesAreRefused(String object) throws IOException {
    fields.put(object, "{\"rope_theta\": 10000.0, \"rope_type\": \"default\"}");
    read();
    fields.put(object, "{\"rope_theta\": 500000.0, \"rope_type\": \"default\"}");
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(this::read)
        .withMessageContaining("rope_theta: 10000.0, but 500000.0 elsewhere in the file");
  }

  /** As transformers 5 reads a file in which somebody has added the former object. */
  @Test
  void ofTwoObjectsOfPositionsTheFormerOneScales() throws IOException {
    fields.remove("rope_theta");
    fields.put("rope_parameters", "{\"rope_theta\": 10000.0, \"rope_type\": \"default\"}");
    TransformerConfig plain = read();
    fields.put("rope_scaling", "{\"rope_type\": \"linear\", \"factor\": 2.0}");
    assertThat(read()).isNotEqualTo(plain);
    fields.put("rope_scaling", "{\"rope_type\": \"yarn\", \"factor\": 2.0}");
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(this::read)
        .withMessageContaining("yarn is not supported");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mistral | sliding_window      | null
          mistral | sliding_window      | 128
          qwen2   | use_sliding_window  | false
          llama   | hidden_act          | "swish"
          llama   | num_local_experts   | 1
          llama   | pretraining_tp      | 1
          """)
  void whatChangesNothingIsPassedOver(String type, String key, String value) throws IOException {
    fields.put("model_type", '"' + type + '"');
    TransformerConfig before = read();
    fields.put(key, value);
    assertThat(read()).isEqualTo(before);
  }
}
