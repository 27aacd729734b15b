package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.registry.Registry;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Outcome;
import dev.lanewise.model.TestModel;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.check.GradientCheck;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A family is added by one class and one registration, and everything works for it. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AddedFamilyTest {

  private static final KernelSet VECTOR = VectorKernels.create();
  private static final AddedFamily FAMILY = new AddedFamily();
  private static final Registry<Family> FAMILIES = Families.STANDARD.with(FAMILY);
  private static final int TIME = 12;

  @TempDir Path folder;

  static List<TransformerConfig> examples() {
    return FAMILY.examples(0.2f);
  }

  @Test
  void isWhatItSays() {
    TransformerConfig config = examples().getFirst();

    assertThat(config.block().attention().heads()).isEqualTo(new Heads(4, 2, 10));
    assertThat(FAMILIES.named("added")).isSameAs(FAMILY);
    assertThat(FAMILIES.all()).startsWith(Families.STANDARD.all().toArray(Family[]::new));
    assertThat(Families.STANDARD.find("added")).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void backwardAgreesWithDifferencesOfTheReference(TransformerConfig config) {
    GradientCheck.Report report = GradientCheck.run(config, VECTOR, 1);

    assertThat(report.results())
        .allSatisfy(
            result -> {
              assertThat(result.relativeError()).as(result.name()).isBetween(0.0, 1e-3);
              assertThat(result.largest()).as(result.name()).isGreaterThan(1e-3);
            })
        .hasSize(1 + 6 * config.layers() + 1 + (config.tiedHead() ? 0 : 1));
    assertThat(report.loss()).isCloseTo(report.referenceLoss(), within(1e-6));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void teamsAndKernelsDoNotShow(TransformerConfig config) {
    Outcome expected = new TestModel(config, ScalarKernels.create(), 3).outcome(1, TIME);
    for (KernelSet kernels : List.of(VECTOR, ScalarKernels.create())) {
      TestModel model = new TestModel(config, kernels, 3);
      for (int members : new int[] {1, 2, 3, 5}) {
        model.outcome(members, TIME).assertSameAs(expected);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void generatesWithTheBitsOfAWholePass(TransformerConfig config) {
    TestModel vector = new TestModel(config, VECTOR, 1);
    TestModel scalar = new TestModel(config, ScalarKernels.create(), 1);
    int[] ids = vector.randomWindows(1, TIME);
    try (WorkerPool pool = new WorkerPool(1)) {
      float[][] expected = scalar.wholePasses(ids, TIME);
      assertThat(vector.wholePasses(ids, TIME)).isDeepEqualTo(expected);
      assertThat(vector.decode(ids, TIME, pool)).isDeepEqualTo(expected);
      assertThat(scalar.decode(ids, TIME, pool)).isDeepEqualTo(expected);
    }
  }

  /** Large enough that each worker gets a part. There are two key/value heads for three workers. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void generatesWithSeveralWorkers(int workers) {
    TransformerConfig config =
        FAMILY.choose(new ModelSizes(12001, 40, 128, 4, 0, 0, 1, 256, false, false, 0, 0));
    TestModel model = new TestModel(config, VECTOR, 1);
    assertThat(model.transformer.countParameters()).isGreaterThan(3 << 19);
    int[] ids = model.randomWindows(1, 40);
    try (WorkerPool one = new WorkerPool(1);
        WorkerPool several = new WorkerPool(workers)) {
      float[][] decoded = model.decode(ids, 40, several);
      assertThat(decoded).isDeepEqualTo(model.decode(ids, 40, one));
      assertThat(decoded).isDeepEqualTo(model.wholePasses(ids, 40));
    }
  }

  private ModelDescription write(TransformerConfig config, ParameterStore weights)
      throws IOException {
    ModelDescription model = new ModelDescription(FAMILY, config);
    ModelFolders.write(folder, model, weights, OptionalInt.empty());
    return model;
  }

  @ParameterizedTest
  @MethodSource("examples")
  void aFolderComesBackAsItWas(TransformerConfig config) throws IOException {
    TestModel model = new TestModel(config, VECTOR, 1);
    ModelDescription description = write(config, model.weights);

    assertThat(ModelFolder.readConfig(folder, FAMILIES)).isEqualTo(description);
    ParameterStore read = ModelFolder.readWeights(folder, description, model.transformer);
    assertThat(read.data()).isEqualTo(model.weights.data());
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(() -> ModelFolder.readConfig(folder))
        .withMessageContaining("added is not supported")
        .matches(e -> e.field().equals("model_type"));
  }

  @Test
  void filesHaveItsOwnNamesAndLayout() throws IOException {
    TransformerConfig config = examples().getFirst();
    TestModel model = new TestModel(config, VECTOR, 1);
    write(config, model.weights);
    List<String> expected = new ArrayList<>(List.of("model.embed_tokens.weight"));
    for (int layer = 0; layer < 2; layer++) {
      for (String part :
          List.of(
              "input_layernorm",
              "self_attn.q_proj",
              "self_attn.k_proj",
              "self_attn.v_proj",
              "self_attn.o_proj",
              "post_attention_layernorm",
              "mlp.up_proj",
              "mlp.down_proj")) {
        expected.add("model.layers.%d.%s.weight".formatted(layer, part));
      }
    }
    expected.addAll(List.of("model.norm.weight", "lm_head.weight"));
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(ModelFolder.WEIGHTS))) {
      assertThat(file.names()).containsExactlyInAnyOrderElementsOf(expected);
      file.require("model.layers.1.self_attn.q_proj.weight", Shape.of(40, 32));
      file.require("model.layers.1.self_attn.o_proj.weight", Shape.of(32, 40));
      file.require("model.layers.1.mlp.up_proj.weight", Shape.of(72, 32));
      file.require("lm_head.weight", Shape.of(61, 32));
      FloatTensor values = new FloatTensor(new float[20 * 32], 0, Shape.of(20, 32));
      file.read("model.layers.1.self_attn.v_proj.weight", values);
      FloatTensor qkv = model.weights.tensor("layers.1.attention.qkv.weight");
      for (int column = 0; column < 20; column++) {
        for (int row = 0; row < 32; row++) {
          assertThat(values.get(column * 32 + row)).isEqualTo(qkv.get(row * 80 + 60 + column));
        }
      }
    }
  }
}
