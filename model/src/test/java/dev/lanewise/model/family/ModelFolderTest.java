package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.TestModel;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.model.io.SafetensorsWriter;
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

class ModelFolderTest {

  private static final Family GPT2 = new Gpt2();

  @TempDir Path folder;

  private static TransformerConfig config(boolean biases, boolean tiedHead) {
    return TestModel.gpt2(11, 5, 6, 2, 2, 20, biases, tiedHead, 0.1f);
  }

  private static Transformer transformer(TransformerConfig config) {
    return new Transformer(config, VectorKernels.create(), 1);
  }

  private ParameterStore write(TransformerConfig config) throws IOException {
    ParameterStore weights = transformer(config).initialize(3);
    write(config, weights);
    return weights;
  }

  private void write(TransformerConfig config, ParameterStore weights) throws IOException {
    ModelFolders.write(folder, new ModelDescription(GPT2, config), weights, OptionalInt.of(10));
  }

  private ParameterStore readWeights(TransformerConfig config) throws IOException {
    ModelDescription model = new ModelDescription(GPT2, config);
    return ModelFolder.readWeights(folder, model, transformer(config));
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void aModelComesBackAsItWas(boolean biases, boolean tiedHead) throws IOException {
    TransformerConfig config = config(biases, tiedHead);
    ParameterStore weights = write(config);

    assertThat(ModelFolder.readConfig(folder).config()).isEqualTo(config);
    ParameterStore found = readWeights(config);
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
  private SafetensorsWriter copy(TransformerConfig config, ParameterStore weights, String prefix) {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (Parameter parameter : transformer(config).layout().parameters()) {
      String name = GPT2.stateName(parameter);
      writer.add((name.startsWith("lm_head") ? "" : prefix) + name, weights.tensor(parameter));
    }
    return writer;
  }

  private static FloatTensor zeros(int... dimensions) {
    Shape shape = Shape.of(dimensions);
    return new FloatTensor(new float[shape.size()], 0, shape);
  }

  @Test
  void openAisNamesAndStoredMasksAreRead() throws IOException {
    TransformerConfig config = config(true, true);
    ParameterStore weights = write(config);
    copy(config, weights, "")
        .add("h.0.attn.bias", zeros(1, 1, 5, 5))
        .add("h.1.attn.masked_bias", zeros())
        .write(folder.resolve("model.safetensors"));

    assertThat(readWeights(config).data()).isEqualTo(weights.data());
  }

  @Test
  void biasesThatAreMissingAltogetherAreAsGoodAsZeros() throws IOException {
    TransformerConfig config = config(false, true);
    ParameterStore weights = write(config);
    copy(config, weights, "transformer.").write(folder.resolve("model.safetensors"));

    assertThat(readWeights(config).data()).isEqualTo(weights.data());
  }

  @Test
  void aTiedHeadMayBeStoredIfItIsTheEmbedding() throws IOException {
    TransformerConfig config = config(true, true);
    ParameterStore weights = write(config);
    Path file = folder.resolve("model.safetensors");
    copy(config, weights, "transformer.")
        .add("lm_head.weight", weights.tensor("embedding.weight"))
        .write(file);
    assertThat(readWeights(config).data()).isEqualTo(weights.data());

    copy(config, weights, "transformer.").add("lm_head.weight", zeros(11, 6)).write(file);
    assertRefused(config, "lm_head.weight").withMessageContaining("tie_word_embeddings");
  }

  private ThrowableAssertAlternative<InvalidFileException> assertRefused(
      TransformerConfig config, String field) {
    return assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(() -> readWeights(config))
        .withMessageContaining(folder.resolve("model.safetensors").toString())
        .matches(e -> e.field().equals(field), "names " + field);
  }

  @Test
  void anotherVocabularyIsSaidToBeOne() throws IOException {
    write(config(true, true));

    assertRefused(TestModel.gpt2(12, 5, 6, 2, 2, 20, true, true, 0), "transformer.wte.weight")
        .withMessageContaining("expected shape [12, 6], found [11, 6]");
    assertRefused(TestModel.gpt2(11, 7, 6, 2, 2, 20, true, true, 0), "transformer.wpe.weight")
        .withMessageContaining("expected shape [7, 6], found [5, 6]");
  }

  @Test
  void moreOrFewerLayersAreNoticed() throws IOException {
    write(config(true, true));

    assertRefused(TestModel.gpt2(11, 5, 6, 2, 3, 20, true, true, 0), "transformer.h.2.ln_1.weight")
        .withMessageContaining("found none");
    assertRefused(TestModel.gpt2(11, 5, 6, 2, 1, 20, true, true, 0), "transformer.h.1.ln_1.weight")
        .withMessageContaining("of 1 layer");
    assertRefused(config(true, false), "lm_head.weight").withMessageContaining("found none");
  }

  /** Buffers are told; a weight that the layers do not have would be missed in the results. */
  @Test
  void whatElseLayersKeepIsToldUnlessItIsAWeight() throws IOException {
    TransformerConfig config = config(true, true);
    ParameterStore weights = write(config);
    Path file = folder.resolve("model.safetensors");
    copy(config, weights, "").add("h.1.attn.cos_cached", zeros(5, 3)).write(file);
    List<String> notes = new ArrayList<>();
    ModelDescription model = new ModelDescription(GPT2, config);
    assertThat(ModelFolder.readWeights(folder, model, transformer(config), notes::add).data())
        .isEqualTo(weights.data());
    assertThat(notes).singleElement().asString().contains("h.1.attn.cos_cached", "ignored");

    copy(config, weights, "").add("h.1.attn.q_norm.weight", zeros(3)).write(file);
    assertRefused(config, "h.1.attn.q_norm.weight");
    copy(config, weights, "").add("h.2.attn.cos_cached", zeros(5, 3)).write(file);
    assertRefused(config, "h.2.attn.cos_cached");
  }

  @Test
  void aModelWithBiasesIsNotReadAsOneWithout() throws IOException {
    TransformerConfig config = config(true, true);
    ParameterStore weights = transformer(config).initialize(3);
    weights.tensor("layers.1.feed_forward.up.bias").set(19, 1e-30f);
    write(config, weights);

    assertRefused(config(false, true), "transformer.h.1.mlp.c_fc.bias")
        .withMessageContaining("lanewise_biases");
  }

  @Test
  void numbersThatAreNotFiniteAreNamed() throws IOException {
    TransformerConfig config = config(true, true);
    ParameterStore weights = transformer(config).initialize(3);
    weights.tensor("layers.1.attention.output.weight").set(35, Float.NaN);
    write(config, weights);

    assertRefused(config, "transformer.h.1.attn.c_proj.weight")
        .withMessageContaining("element 35 is NaN");
  }

  @Test
  void aMissingFileIsNamed() {
    assertRefused(config(true, true), "").withMessageContaining("missing");
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(() -> ModelFolder.readConfig(folder))
        .withMessageContaining(folder.resolve("config.json").toString())
        .withMessageContaining("missing");
  }

  /** Llama's files that do not say so have a head of their own. */
  @Test
  void aMissingHeadIsNamedWithTheFieldThatDecides() throws IOException {
    write(config(true, true));
    TransformerConfig untied = config(true, false);
    assertRefused(untied, "lm_head.weight")
        .withMessageContainingAll("found none", "config.json", "\"tie_word_embeddings\": true");
  }

  @Test
  void weightsOfAnotherNameAreNamed() throws IOException {
    TransformerConfig config = config(true, true);
    write(config);
    Files.move(folder.resolve("model.safetensors"), folder.resolve("other.safetensors"));
    assertRefused(config, "")
        .withMessageContainingAll("missing", "other.safetensors", "call it model.safetensors");
  }

  /** Half of a cut file must not be taken for a model; every length is tried by the fuzz tests. */
  @Test
  void aFileCutShortIsRefused() throws IOException {
    TransformerConfig config = config(true, true);
    write(config);
    Path file = folder.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    for (int length = 0; length < bytes.length; length += 97) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatExceptionOfType(InvalidFileException.class).isThrownBy(() -> readWeights(config));
    }
  }
}
