package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.layer.GeluFeedForward;
import dev.lanewise.model.layer.RotaryPositions;
import dev.lanewise.model.layer.RotaryScaling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** GPT-NeoX: its configuration, and where its tensors lie. */
class GptNeoxTest {

  private static final Family NEOX = new GptNeox();

  @TempDir private Path folder;

  static List<TransformerConfig> examples() {
    return NEOX.examples(0.1f);
  }

  private TransformerConfig read(String json) throws IOException {
    Files.writeString(folder.resolve(ModelFolder.CONFIGURATION), json.replace('\'', '"'));
    return ModelFolder.readConfig(folder).config();
  }

  /** The configuration of Pythia-70m, as it was in version 4, with other fields at its end. */
  private static String pythia(String more) {
    return """
        {'model_type': 'gpt_neox', 'vocab_size': 50304, 'hidden_size': 512,
         'num_attention_heads': 8, 'num_hidden_layers': 6, 'intermediate_size': 2048,
         'max_position_embeddings': 2048, 'hidden_act': 'gelu', 'layer_norm_eps': 1e-05,
         'rotary_pct': 0.25, 'rotary_emb_base': 10000, 'use_parallel_residual': true%s}
        """
        .formatted(more);
  }

  @Test
  void choicesAreThoseOfTheFile() throws IOException {
    TransformerConfig config = read(pythia(""));

    assertThat(config.positions())
        .isEqualTo(new RotaryPositions.Choice(64, 16, 10_000, new RotaryScaling.None()));
    assertThat(config.block().feedForward())
        .isEqualTo(new GeluFeedForward.Choice(2048, true, true));
    assertThat(config.block().parallel()).isTrue();
    assertThat(config.block().attention().inBias()).isTrue();
    assertThat(config.tiedHead()).isFalse();
    assertThat(config.block().dropout()).isZero();
    // 70 million, of which Pythia's paper counts those outside the tables as 18,915,328.
    Transformer model = new Transformer(config, ScalarKernels.create(), 1);
    assertThat(model.countParameters() - 2L * 50304 * 512).isEqualTo(18_915_328);
  }

  @Test
  void otherChoicesAreReadToo() throws IOException {
    TransformerConfig config =
        read(
            pythia("").replace("true}", "false")
                + """
                , 'attention_bias': false, 'tie_word_embeddings': true, 'hidden_dropout': 0.25,
                 'rope_scaling': {'type': 'linear', 'factor': 2.0}}
                """);

    assertThat(config.block().parallel()).isFalse();
    assertThat(config.block().attention().outBias()).isFalse();
    assertThat(config.tiedHead()).isTrue();
    assertThat(config.block().dropout()).isEqualTo(0.25f);
    assertThat(((RotaryPositions.Choice) config.positions()).scaling())
        .isEqualTo(new RotaryScaling.Linear(2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'hidden_act': 'gelu' | 'hidden_act': 'relu' | hidden_act | relu is not supported",
        "'rotary_emb_base': 10000, | | rotary_emb_base | missing",
        "'rotary_pct': 0.25 | 'rotary_pct': 1.5 | rotary_pct | more than a whole head",
        "'rotary_pct': 0.25 | 'rotary_pct': 0.01 | rotary_pct | turns 0 elements of a head of 64",
        "'rotary_pct': 0.25 | 'rotary_pct': 0.05 | rotary_pct | turns 3 elements",
        "'num_attention_heads': 8 | 'num_attention_heads': 7 | num_attention_heads | do not divide",
        "'rotary_pct' | 'quantization_config': {}, 'rotary_pct' | quantization_config | quantized",
        "'rotary_pct' | 'rope_scaling': {'type': 'yarn'}, 'rotary_pct' | rope_type | yarn is not",
        "'intermediate_size': 2048, | | intermediate_size | missing"
      })
  void whatIsNotSupportedIsRefused(String from, String to, String field, String problem) {
    String json = pythia("").replace(from, to == null ? "" : to);

    assertThat(json).isNotEqualTo(pythia(""));
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(() -> read(json))
        .withMessageContainingAll(field, problem);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void whatIsWrittenIsReadAgain(TransformerConfig config) throws IOException {
    ModelDescription description = new ModelDescription(NEOX, config);
    Transformer model = new Transformer(config, ScalarKernels.create(), 1);
    ParameterStore weights = model.initialize(5);
    Files.write(
        folder.resolve(ModelFolder.CONFIGURATION),
        ModelFolder.configuration(description, OptionalInt.of(0)));
    ModelFolder.weights(description, weights).write(folder.resolve(ModelFolder.WEIGHTS));

    assertThat(ModelFolder.readConfig(folder).config()).isEqualTo(config);
    assertThat(ModelFolder.readWeights(folder, description, model).data())
        .isEqualTo(weights.data());
  }

  /** Any share of a head that a model can have, so that nobody else turns one element fewer. */
  @Test
  void sharesAreWrittenSoThatTheyGiveTheirPart() {
    for (int size = 2; size <= 256; size += 2) {
      for (int rotated = 2; rotated <= size; rotated += 2) {
        RotaryPositions.Choice rotary =
            new RotaryPositions.Choice(size, rotated, 10_000, new RotaryScaling.None());
        assertThat((int) (RotaryFields.share(rotary) * size)).isEqualTo(rotated);
      }
    }
  }

  /** Of two heads of three: the file has q0 k0 v0 q1 k1 v1. */
  @Test
  void headsHaveQueryKeyAndValueTogether() {
    StoredTensor.Interleaved byHead = new StoredTensor.Interleaved(3, 3);
    int[] places = new int[18];
    for (int i = 0; i < 18; i++) {
      places[i] = byHead.place(i, 18);
    }

    assertThat(places)
        .containsExactly(0, 1, 2, 6, 7, 8, 12, 13, 14, 3, 4, 5, 9, 10, 11, 15, 16, 17);
    TransformerConfig config = examples().getFirst();
    Transformer model = new Transformer(config, ScalarKernels.create(), 1);
    Parameter weight = model.layout().parameter("layers.1.attention.qkv.weight");
    StoredTensor stored = NEOX.stored(config, weight).getFirst();
    assertThat(stored.name()).isEqualTo("gpt_neox.layers.1.attention.query_key_value.weight");
    assertThat(new StoredLayout(weight, stored).shape()).isEqualTo(Shape.of(96, 32));
    assertThat(new StoredLayout(weight, stored).isWhole()).isFalse();
  }

  @Test
  void aNewModelTurnsAQuarterOfItsHeads() {
    ModelSizes sizes = new ModelSizes(61, 12, 64, 2, 0, 0, 2, 72, true, false, 0, 0);
    assertThat(NEOX.choose(sizes).positions())
        .isEqualTo(new RotaryPositions.Choice(32, 8, 10_000, new RotaryScaling.None()));

    ModelSizes grouped = new ModelSizes(61, 12, 64, 2, 1, 32, 2, 72, true, false, 0, 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NEOX.choose(grouped))
        .withMessageContaining("key/value heads");
    ModelSizes unbiased = new ModelSizes(61, 12, 64, 2, 0, 0, 2, 72, false, false, 0, 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NEOX.choose(unbiased))
        .withMessageContaining("--biases");
  }
}
