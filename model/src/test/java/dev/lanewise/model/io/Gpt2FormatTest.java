package dev.lanewise.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Gpt;
import dev.lanewise.model.GptConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Gpt2FormatTest {

  @TempDir Path folder;

  private static GptConfig config(boolean biases, boolean tiedHead) {
    return new GptConfig(11, 5, 6, 2, 2, 20, biases, tiedHead, 0.1f);
  }

  private static Gpt gpt(GptConfig config) {
    return new Gpt(config, VectorKernels.create(), 1);
  }

  private ParameterStore write(GptConfig config) throws IOException {
    ParameterStore weights = gpt(config).initialize(3);
    Gpt2Format.write(folder, config, weights, OptionalInt.of(10));
    return weights;
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void aModelComesBackAsItWas(boolean biases, boolean tiedHead) throws IOException {
    GptConfig config = config(biases, tiedHead);
    ParameterStore weights = write(config);

    assertThat(Gpt2Format.readConfig(folder)).isEqualTo(config);
    ParameterStore found = Gpt2Format.readWeights(folder, gpt(config));
    assertThat(found.data()).isEqualTo(weights.data());
  }

  @Test
  void theSameWeightsGiveTheSameBytes() throws IOException {
    write(config(false, false));
    byte[] weights = Files.readAllBytes(folder.resolve("model.safetensors"));
    byte[] text = Files.readAllBytes(folder.resolve("config.json"));
    write(config(false, false));

    assertThat(Files.readAllBytes(folder.resolve("model.safetensors"))).isEqualTo(weights);
    assertThat(Files.readAllBytes(folder.resolve("config.json"))).isEqualTo(text);
  }

  /** The names that GPT2LMHeadModel looks for; it takes a bias from no file but this one. */
  @ParameterizedTest
  @CsvSource({"true, true", "false, false"})
  void hasEveryTensorOfHuggingFacesModel(boolean biases, boolean tiedHead) throws IOException {
    write(config(biases, tiedHead));
    Set<String> expected =
        new TreeSet<>(Set.of("transformer.wte.weight", "transformer.wpe.weight"));
    List<String> layers = new ArrayList<>(List.of("ln_f"));
    for (String layer :
        List.of("ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj")) {
      layers.add("h.0." + layer);
      layers.add("h.1." + layer);
    }
    for (String layer : layers) {
      expected.add("transformer." + layer + ".weight");
      expected.add("transformer." + layer + ".bias");
    }
    if (!tiedHead) {
      expected.add("lm_head.weight");
    }
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
      assertThat(file.names()).containsExactlyInAnyOrderElementsOf(expected);
      assertThat(file.metadata()).containsEntry("format", "pt");
      file.require("transformer.h.1.attn.c_attn.weight", Shape.of(6, 18));
      file.require("transformer.h.1.attn.c_attn.bias", Shape.of(18));
      file.require("transformer.h.1.mlp.c_proj.bias", Shape.of(6));
      file.require("transformer.ln_f.bias", Shape.of(6));
    }
  }

  /** Writes the tensors of a model under names of its own choice. */
  private SafetensorsWriter copy(GptConfig config, ParameterStore weights, String prefix) {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (Parameter parameter : gpt(config).layout().parameters()) {
      boolean head = parameter.name().startsWith("lm_head");
      writer.add((head ? "" : prefix) + parameter.name(), weights.tensor(parameter));
    }
    return writer;
  }

  private static FloatTensor zeros(int... dimensions) {
    Shape shape = Shape.of(dimensions);
    return new FloatTensor(new float[shape.size()], 0, shape);
  }

  @Test
  void openAisNamesAndStoredMasksAreRead() throws IOException {
    GptConfig config = config(true, true);
    ParameterStore weights = write(config);
    copy(config, weights, "")
        .add("h.0.attn.bias", zeros(1, 1, 5, 5))
        .add("h.1.attn.masked_bias", zeros())
        .write(folder.resolve("model.safetensors"));

    assertThat(Gpt2Format.readWeights(folder, gpt(config)).data()).isEqualTo(weights.data());
  }

  @Test
  void biasesThatAreMissingAltogetherAreAsGoodAsZeros() throws IOException {
    GptConfig config = config(false, true);
    ParameterStore weights = write(config);
    copy(config, weights, "transformer.").write(folder.resolve("model.safetensors"));

    assertThat(Gpt2Format.readWeights(folder, gpt(config)).data()).isEqualTo(weights.data());
  }

  @Test
  void aTiedHeadMayBeStoredIfItIsTheEmbedding() throws IOException {
    GptConfig config = config(true, true);
    ParameterStore weights = write(config);
    Path file = folder.resolve("model.safetensors");
    copy(config, weights, "transformer.")
        .add("lm_head.weight", weights.tensor("wte.weight"))
        .write(file);
    assertThat(Gpt2Format.readWeights(folder, gpt(config)).data()).isEqualTo(weights.data());

    copy(config, weights, "transformer.").add("lm_head.weight", zeros(11, 6)).write(file);
    assertRefused(config, "lm_head.weight").withMessageContaining("tie_word_embeddings");
  }

  private ThrowableAssertAlternative<InvalidFileException> assertRefused(
      GptConfig config, String field) {
    return assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(() -> Gpt2Format.readWeights(folder, gpt(config)))
        .withMessageContaining(folder.resolve("model.safetensors").toString())
        .matches(e -> e.field().equals(field), "names " + field);
  }

  @Test
  void anotherVocabularyIsSaidToBeOne() throws IOException {
    write(config(true, true));

    assertRefused(new GptConfig(12, 5, 6, 2, 2, 20, true, true, 0), "transformer.wte.weight")
        .withMessageContaining("expected shape [12, 6], found [11, 6]");
    assertRefused(new GptConfig(11, 7, 6, 2, 2, 20, true, true, 0), "transformer.wpe.weight")
        .withMessageContaining("expected shape [7, 6], found [5, 6]");
  }

  @Test
  void moreOrFewerLayersAreNoticed() throws IOException {
    write(config(true, true));

    assertRefused(new GptConfig(11, 5, 6, 2, 3, 20, true, true, 0), "transformer.h.2.ln_1.weight")
        .withMessageContaining("found none");
    assertRefused(new GptConfig(11, 5, 6, 2, 1, 20, true, true, 0), "transformer.h.1.ln_1.weight")
        .withMessageContaining("1 layers");
    assertRefused(config(true, false), "lm_head.weight").withMessageContaining("found none");
  }

  @Test
  void aModelWithBiasesIsNotReadAsOneWithout() throws IOException {
    GptConfig config = config(true, true);
    ParameterStore weights = gpt(config).initialize(3);
    weights.tensor("h.1.mlp.c_fc.bias").set(19, 1e-30f);
    Gpt2Format.write(folder, config, weights, OptionalInt.empty());

    assertRefused(config(false, true), "transformer.h.1.mlp.c_fc.bias")
        .withMessageContaining("lanewise_biases");
  }

  @Test
  void numbersThatAreNotFiniteAreNamed() throws IOException {
    GptConfig config = config(true, true);
    ParameterStore weights = gpt(config).initialize(3);
    weights.tensor("h.1.attn.c_proj.weight").set(35, Float.NaN);
    Gpt2Format.write(folder, config, weights, OptionalInt.empty());

    assertRefused(config, "transformer.h.1.attn.c_proj.weight")
        .withMessageContaining("element 35 is NaN");
  }

  @Test
  void aMissingFileIsNamed() {
    assertRefused(config(true, true), "").withMessageContaining("missing");
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(() -> Gpt2Format.readConfig(folder))
        .withMessageContaining(folder.resolve("config.json").toString())
        .withMessageContaining("missing");
  }

  /** Half of a cut file must not be taken for a model; every length is tried by the fuzz tests. */
  @Test
  void aFileCutShortIsRefused() throws IOException {
    GptConfig config = config(true, true);
    write(config);
    Path file = folder.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    for (int length = 0; length < bytes.length; length += 97) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatExceptionOfType(InvalidFileException.class)
          .isThrownBy(() -> Gpt2Format.readWeights(folder, gpt(config)));
    }
  }
}
