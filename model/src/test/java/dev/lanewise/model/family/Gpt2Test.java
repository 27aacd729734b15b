package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.TestModel;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.layer.GeluFeedForward;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class Gpt2Test {

  private static final TransformerConfig CONFIG =
      TestModel.gpt2(5000, 128, 96, 4, 3, 400, false, true, 0.1f);

  private static final ModelDescription MODEL = new ModelDescription(new Gpt2(), CONFIG);

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void setFile() {
    file = folder.resolve("config.json");
  }

  /** With the type in front, unless it is there. */
  private TransformerConfig read(String text) throws IOException {
    String type = "{\"model_type\": \"gpt2\"";
    boolean isTyped = text.contains("model_type");
    Files.writeString(
        file,
        isTyped
            ? text
            : text.equals("{}") ? type + "}" : text.replaceFirst("^\\{\"", type + ", \""));
    return ModelFolder.readConfig(folder).config();
  }

  private void assertRefused(String text, String field, String fault) {
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(() -> read(text))
        .withMessageContaining(file.toString())
        .withMessageContaining(fault)
        .matches(e -> e.field().equals(field), "names " + field);
  }

  @Test
  void isWhatHuggingFaceReads() {
    assertThat(
            new String(ModelFolder.configuration(MODEL, OptionalInt.of(7)), StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {
              "model_type" : "gpt2",
              "architectures" : [
                "GPT2LMHeadModel"
              ],
              "vocab_size" : 5000,
              "n_positions" : 128,
              "n_ctx" : 128,
              "n_embd" : 96,
              "n_layer" : 3,
              "n_head" : 4,
              "n_inner" : 400,
              "activation_function" : "gelu_new",
              "resid_pdrop" : 0.1,
              "embd_pdrop" : 0.1,
              "attn_pdrop" : 0.0,
              "layer_norm_epsilon" : 1.0E-5,
              "initializer_range" : 0.02,
              "scale_attn_weights" : true,
              "tie_word_embeddings" : true,
              "bos_token_id" : 7,
              "eos_token_id" : 7,
              "torch_dtype" : "float32",
              "lanewise_biases" : false
            }
            """);
    assertThat(
            new String(
                ModelFolder.configuration(MODEL, OptionalInt.empty()), StandardCharsets.UTF_8))
        .contains("\"eos_token_id\" : null");
  }

  /** The fields of OpenAI's own file. */
  @Test
  void readsOpenAisGpt2() throws IOException {
    TransformerConfig config =
        read(
            """
            {"activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"],
             "attn_pdrop": 0.1, "bos_token_id": 50256, "embd_pdrop": 0.1, "eos_token_id": 50256,
             "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "model_type": "gpt2",
             "n_ctx": 1024, "n_embd": 768, "n_head": 12, "n_layer": 12, "n_positions": 1024,
             "resid_pdrop": 0.1, "summary_activation": null, "summary_first_dropout": 0.1,
             "task_specific_params": {"text-generation": {"do_sample": true, "max_length": 50}},
             "vocab_size": 50257}
            """);

    assertThat(config).isEqualTo(TestModel.gpt2(50257, 1024, 768, 12, 12, 3072, true, true, 0.1f));
  }

  @Test
  void whatIsMissingHasHuggingFacesValue() throws IOException {
    assertThat(read("{}"))
        .isEqualTo(TestModel.gpt2(50257, 1024, 768, 12, 12, 3072, true, true, 0.1f));
    assertThat(read("{\"n_inner\": null, \"n_embd\": 24}").block().feedForward())
        .isEqualTo(new GeluFeedForward.Choice(96, true));
    assertThat(read("{\"tie_word_embeddings\": false}").tiedHead()).isFalse();
    assertThat(read("{\"layer_norm_epsilon\": 9.999999747378752e-06}").layers()).isEqualTo(12);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model_type                      | \"bloom\"      | bloom is not supported, only gpt2",
        "model_type                      | 3              | expected a string",
        "activation_function             | \"relu\"       | relu is not supported, only gelu_new",
        "layer_norm_epsilon              | 0              | not a number above 0",
        "layer_norm_epsilon              | \"1e-5\"       | expected a number",
        "scale_attn_weights              | false          | only true",
        "scale_attn_by_inverse_layer_idx | true           | only false",
        "add_cross_attention             | true           | only false",
        "quantization_config             | {\"bits\": 4}    | quantized weights are not supported",
        "tie_word_embeddings             | 1              | expected true or false",
        "lanewise_biases                 | \"no\"         | expected true or false",
        "vocab_size                      | 0              | not an integer from 1",
        "vocab_size                      | -5             | not an integer from 1",
        "vocab_size                      | 2147483648     | not an integer from 1",
        "vocab_size                      | 1e999          | not an integer from 1",
        "vocab_size                      | \"5000\"       | expected a number",
        "n_positions                     | 12.5           | not an integer from 1",
        "n_positions                     | 1e10           | not an integer from 1",
        "n_embd                          | 99999999999    | not an integer from 1",
        "n_head                          | 7              | 7 heads do not divide n_embd 768",
        "n_head                          | 0              | not an integer from 1",
        "n_layer                         | 2000000000     | not an integer from 1",
        "n_inner                         | -1             | not an integer from 1",
        "resid_pdrop                     | 1              | not in [0, 1)",
        "resid_pdrop                     | 0.999999999999 | not in [0, 1)",
        "resid_pdrop                     | -0.1           | not in [0, 1)"
      })
  void refusesWhatIsNotOursAndNamesIt(String field, String value, String fault) {
    assertRefused("{\"%s\": %s}".formatted(field, value), field, fault);
  }

  /** Before any memory is asked for: each size by itself would do. */
  @Test
  void refusesMoreParametersThanAnArrayHolds() {
    assertRefused(
        "{\"n_embd\": 1048576, \"n_head\": 1, \"n_layer\": 8192, \"n_inner\": 16777216}",
        "n_embd",
        "parameters, more than 2147483639");
    assertRefused("{\"vocab_size\": 2147483647}", "n_embd", "parameters, more than 2147483639");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{",
        "{}{}",
        "{\"n_embd\":}",
        "{\"a\":[}",
        "{\"a\":NaN}",
        "\ufeff{}"
      })
  void refusesWhatIsNotAJsonObject(String text) {
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(() -> read(text))
        .withMessageContaining(file.toString());
  }

  @Test
  void refusesDuplicatesDepthAndSize() {
    assertRefused("{\"n_embd\": 768, \"n_embd\": 96}", "n_embd", "uplicate");
    assertRefused("{\"a\":" + "[".repeat(100_000) + "}", "a", "JSON");
    assertRefused("{\"a\":\"" + "x".repeat(1 << 24) + "\"}", "", "more than 16777216 bytes");
    assertRefused("{\"n_embd\":" + "1".repeat(1000) + "}", "n_embd", "JSON");
  }

  @Test
  void malformedUtf8IsRefused() throws IOException {
    byte[] bytes = "{\"model_type\": \"gpt2?\"}".getBytes(StandardCharsets.US_ASCII);
    bytes[20] = (byte) 0xff;
    Files.write(file, bytes);
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(() -> ModelFolder.readConfig(folder).config())
        .withMessageContaining("UTF-8");
  }

  /** Damage either is refused by name of the file or makes another configuration that can be. */
  @Test
  void damageIsRefusedOrMakesAnotherConfiguration() throws IOException {
    byte[] valid = ModelFolder.configuration(MODEL, OptionalInt.of(7));
    for (int length = 0; length < valid.length - 2; length++) {
      assertThat(isReadable(Arrays.copyOf(valid, length))).as("%d bytes", length).isFalse();
    }
    int refused = 0;
    for (int bit = 0; bit < valid.length * 8; bit++) {
      byte[] damaged = valid.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      refused += isReadable(damaged) ? 0 : 1;
    }
    assertThat(refused).as("flipped bits").isBetween(valid.length, 7 * valid.length);
    refused = 0;
    RandomStream random = new RandomStream(2, RandomStream.DIAGNOSTICS, 0);
    String[] lies = {"-1", "0", "1e400", "null", "{}", "[[", "\"", "99999999999", ":", ",", "true"};
    for (int i = 0; i < 3000; i++) {
      StringBuilder text = new StringBuilder(new String(valid, StandardCharsets.UTF_8));
      for (int n = random.nextInt(3); n >= 0; n--) {
        int at = random.nextInt(text.length());
        int to = Math.min(text.length(), at + random.nextInt(8));
        text.replace(at, to, lies[random.nextInt(lies.length)]);
      }
      refused += isReadable(text.toString().getBytes(StandardCharsets.UTF_8)) ? 0 : 1;
    }
    assertThat(refused).as("lies").isBetween(1500, 2850);
  }

  private boolean isReadable(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    try {
      TransformerConfig config = ModelFolder.readConfig(folder).config();
      assertThat(config.width() % config.block().attention().heads().queries()).isZero();
      return true;
    } catch (InvalidFileException e) {
      assertThat(e.getMessage()).contains(file.toString());
      return false;
    }
  }

  @Test
  void namesAndShapesAreItsOwn() {
    Gpt2 family = new Gpt2();
    TransformerConfig config = TestModel.gpt2(67, 13, 36, 3, 1, 90, true, false, 0);
    assertThat(new Transformer(config, ScalarKernels.create(), 1).layout().parameters())
        .extracting(parameter -> family.stateName(parameter) + " " + parameter.shape())
        .containsExactly(
            "wte.weight [67, 36]",
            "wpe.weight [13, 36]",
            "h.0.ln_1.weight [36]",
            "h.0.ln_1.bias [36]",
            "h.0.attn.c_attn.weight [36, 108]",
            "h.0.attn.c_attn.bias [108]",
            "h.0.attn.c_proj.weight [36, 36]",
            "h.0.attn.c_proj.bias [36]",
            "h.0.ln_2.weight [36]",
            "h.0.ln_2.bias [36]",
            "h.0.mlp.c_fc.weight [36, 90]",
            "h.0.mlp.c_fc.bias [90]",
            "h.0.mlp.c_proj.weight [90, 36]",
            "h.0.mlp.c_proj.bias [36]",
            "ln_f.weight [36]",
            "ln_f.bias [36]",
            "lm_head.weight [67, 36]");
  }
}
