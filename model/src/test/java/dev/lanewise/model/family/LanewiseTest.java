package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.TestModel;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.layer.NgramTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Our own family: its files, its sizes, and how it begins. */
class LanewiseTest {

  private static final Lanewise LANEWISE = new Lanewise();

  @TempDir private Path folder;
  private final Map<String, String> fields = new LinkedHashMap<>();

  @BeforeEach
  void aSmallModel() {
    fields.put("model_type", "\"lanewise\"");
    fields.put("vocab_size", "65");
    fields.put("hidden_size", "32");
    fields.put("intermediate_size", "64");
    fields.put("num_hidden_layers", "2");
    fields.put("num_attention_heads", "4");
    fields.put("head_dim", "8");
    fields.put("max_position_embeddings", "128");
    fields.put("ngram_rows", "\"2:4290,3:100\"");
  }

  private TransformerConfig read() throws IOException {
    String text =
        fields.entrySet().stream()
            .map(field -> "\"%s\": %s".formatted(field.getKey(), field.getValue()))
            .collect(Collectors.joining(",\n", "{\n", "\n}\n"));
    Files.writeString(folder.resolve("config.json"), text);
    return ModelFolder.readConfig(folder).config();
  }

  static List<TransformerConfig> examples() {
    return LANEWISE.examples(0.2f);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void aFolderIsReadAsItWasWritten(TransformerConfig config) throws IOException {
    ModelDescription model = new ModelDescription(LANEWISE, config);
    TestModel written = new TestModel(config, ScalarKernels.create(), 1);
    ModelFolders.write(folder, model, written.weights, OptionalInt.of(5));

    ModelDescription found = ModelFolder.readConfig(folder);
    assertThat(found.config()).isEqualTo(config);
    assertThat(found.family()).isInstanceOf(Lanewise.class);
    Transformer transformer = new Transformer(found.config(), ScalarKernels.create(), 1);
    ParameterStore weights = ModelFolder.readWeights(folder, found, transformer);
    assertThat(weights.data()).isEqualTo(written.weights.data());
  }

  @Test
  void whatAFileLeavesOutHasStandards() throws IOException {
    TransformerConfig config = read();
    assertThat(config.block().attention().heads().keyValues()).isEqualTo(4);
    assertThat(config.block().dropout()).isZero();
    assertThat(config.tiedHead()).isFalse();
    assertThat(config.paths().tables())
        .containsExactly(new NgramTable(2, 4290), new NgramTable(3, 100));
    fields.remove("ngram_rows");
    assertThat(read().paths().tables()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          tie_word_embeddings | true           | true is not supported
          head_dim            | 7              | 7 is odd
          head_dim            | null           | missing
          num_key_value_heads | 3              | 3 do not divide num_attention_heads 4
          ngram_rows          | "2"            | is no table
          ngram_rows          | "1:5"          | a table of 1 tokens
          ngram_rows          | "3:5,2:5"      | tables come in order
          ngram_rows          | "2:0"          | a table of 0 rows
          ngram_rows          | 65536          | expected a string
          dropout             | 1.0            | is not in [0, 1)
          ngram_dropout       | 1.0            | is not in [0, 1)
          rope_theta          | 0              | not a number above 0
          """)
  void whatIsNotComputedIsRefusedByKeyAndValue(String key, String value, String message) {
    fields.put(key, value);
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(this::read)
        .withMessageContaining(key)
        .withMessageContaining(message);
  }

  /** Tables of n-grams, and those of values, are part of what an array has to hold. */
  @ParameterizedTest
  @CsvSource({
    "ngram_rows, '\"8:67108863\"', 16, 1000",
    "num_attention_heads, 1048576, 1024, 1000",
    "vocab_size, 2147483647, 8, 2147483647"
  })
  void moreParametersThanAnArrayHoldsAreRefused(
      String key, String value, String headSize, String vocabulary) {
    fields.put("vocab_size", vocabulary);
    fields.put("head_dim", headSize);
    fields.put(key, value);
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(this::read)
        .withMessageContaining("parameters, more than 2147483639");
  }

  /** Nearly all of them: those of the values of two layers. */
  @Test
  void tablesOfValuesCount() {
    fields.put("vocab_size", "8388608");
    fields.put("hidden_size", "8");
    fields.put("head_dim", "64");
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(this::read)
        .withMessageContaining("hidden_size")
        .withMessageContaining("parameters, more than 2147483639");
  }

  private static ModelSizes sizes(int headSize, boolean biases, boolean tiedHead) {
    return new ModelSizes(
        65,
        12,
        32,
        4,
        0,
        headSize,
        2,
        64,
        biases,
        tiedHead,
        0,
        0,
        List.of(new NgramTable(2, 9)),
        0);
  }

  @Test
  void whatTheFamilyDoesNotHaveIsRefusedWithItsOption() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LANEWISE.choose(sizes(8, true, false)))
        .withMessageContaining("--biases to false");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LANEWISE.choose(sizes(8, false, true)))
        .withMessageContaining("--tied-head to false");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LANEWISE.choose(sizes(7, false, false)))
        .withMessageContaining("a head of 7");
    assertThat(LANEWISE.choose(sizes(8, false, false)).paths().tables())
        .containsExactly(new NgramTable(2, 9));
  }

  /** Files say it of themselves, so a tensor of a file is a parameter of the model as it lies. */
  @Test
  void tensorsAreNamedAsParameters() throws IOException {
    TransformerConfig config = examples().getFirst();
    Transformer transformer = new Transformer(config, ScalarKernels.create(), 1);
    assertThat(transformer.layout().parameters())
        .extracting(Parameter::name)
        .contains(
            "embedding.weight",
            "ngrams.2.weight",
            "ngrams.3.weight",
            "embedding_norm.weight",
            "layers.0.input.weight",
            "layers.0.attention.value_embedding.weight",
            "layers.1.attention.value_embedding.weight",
            "layers.1.feed_forward.up.weight",
            "head.weight")
        .allSatisfy(
            name ->
                assertThat(LANEWISE.stored(config, transformer.layout().parameter(name)))
                    .singleElement()
                    .extracting(StoredTensor::name)
                    .isEqualTo(name));
  }

  /** Blocks and tables add nothing at first, and all tokens are equally likely. */
  @Test
  void aNewModelSaysNothing() {
    TransformerConfig config = examples().getFirst();
    Transformer transformer = new Transformer(config, ScalarKernels.create(), 1);
    ParameterStore weights = transformer.initialize(3);
    for (String zero :
        List.of(
            "head.weight",
            "ngrams.2.weight",
            "ngrams.3.weight",
            "layers.0.attention.output.weight",
            "layers.1.feed_forward.down.weight")) {
      assertThat(weights.tensor(zero).toArray()).as(zero).containsOnly(0f);
    }
    for (String drawn :
        List.of(
            "embedding.weight",
            "layers.0.attention.qkv.weight",
            "layers.1.attention.value_embedding.weight",
            "layers.0.feed_forward.up.weight")) {
      assertThat(weights.tensor(drawn).toArray()).as(drawn).doesNotContain(0f);
    }
    assertThat(weights.tensor("layers.1.input.weight").toArray()).containsExactly(1f, 0.1f);
  }
}
