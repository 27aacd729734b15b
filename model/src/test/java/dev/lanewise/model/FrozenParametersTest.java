package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.family.Gpt2;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.family.ModelFolders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not trained has no gradient, and the others have the same as if all were trained. */
class FrozenParametersTest {

  private static final int SEQUENCES = 3;
  private static final int TIME = 13;

  private static TestModel model(boolean tiedHead, Predicate<String> trained) {
    TransformerConfig config = TestModel.config(true, tiedHead, 0.1f);
    return new TestModel(
        new Transformer(
            config, VectorKernels.create(), SEQUENCES, config.contextLength(), trained));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "attention\\.(qkv|output)",
        "bias$",
        "norm",
        "^head|final_norm",
        "embedding|positions",
        "positions|layers\\.1",
        "no such parameter"
      })
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whatIsTrainedHasTheGradientsOfTheWholeModel(String pattern) {
    Predicate<String> trained = Pattern.compile(pattern).asPredicate();
    for (boolean tiedHead : new boolean[] {true, false}) {
      TestModel whole = model(tiedHead, name -> true);
      Outcome expected = whole.outcome(1, TIME);
      TestModel part = model(tiedHead, trained);
      assertIsLaidOut(part, trained);
      for (int members : new int[] {1, 3}) {
        Outcome found = part.outcome(members, TIME);
        assertThat(found.sums[0]).isEqualTo(expected.sums[0]);
        assertThat(found.losses).isEqualTo(expected.losses);
        for (Parameter parameter : part.gradients.parameters()) {
          Parameter same = whole.transformer.layout().parameter(parameter.name());
          assertThat(part.gradients.tensor(parameter).toArray())
              .as("gradient of " + parameter.name())
              .isEqualTo(whole.gradients.tensor(same).toArray())
              .doesNotContain(Float.NaN);
        }
      }
    }
  }

  private static void assertIsLaidOut(TestModel model, Predicate<String> trained) {
    ParameterLayout layout = model.transformer.layout();
    long size = 0;
    boolean frozen = false;
    for (Parameter parameter : layout.parameters()) {
      assertThat(parameter.trainable())
          .as(parameter.name())
          .isEqualTo(trained.test(parameter.name()));
      assertThat(frozen && parameter.trainable()).as(parameter.name()).isFalse();
      frozen |= !parameter.trainable();
      size += parameter.trainable() ? parameter.size() : 0;
    }
    assertThat(layout.trainableSize()).isEqualTo((int) size).isLessThan(layout.size());
    assertThat(model.gradients.data()).hasSize((int) size);
    assertThat(model.gradients.parameters()).isEqualTo(layout.trainable());
  }

  /** A folder does not say what was trained, so either model reads what the other wrote. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFolderIsReadAndWrittenAsEver(boolean tiedHead, @TempDir Path folder) throws IOException {
    TestModel whole = model(tiedHead, name -> true);
    TestModel part = model(tiedHead, name -> name.contains("attention"));
    assertReads(part, whole, folder);
    assertReads(whole, part, folder);
  }

  private static void assertReads(TestModel reader, TestModel writer, Path folder)
      throws IOException {
    ModelDescription model = new ModelDescription(new Gpt2(), writer.transformer.config());
    ModelFolders.write(folder, model, writer.weights, OptionalInt.of(5));

    assertThat(ModelFolder.readConfig(folder).config()).isEqualTo(reader.transformer.config());
    ParameterStore found = ModelFolder.readWeights(folder, model, reader.transformer);
    assertThat(found.data()).isEqualTo(reader.weights.data());
  }

  /** Freezing must not change how a model begins. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void initialWeightsAreThoseOfTheWholeModel(boolean tiedHead) {
    ParameterStore whole = model(tiedHead, name -> true).transformer.initialize(3);
    ParameterStore part = model(tiedHead, name -> name.contains("norm")).transformer.initialize(3);
    for (Parameter parameter : whole.parameters()) {
      assertThat(part.tensor(parameter.name()).toArray())
          .as(parameter.name())
          .isEqualTo(whole.tensor(parameter).toArray());
    }
  }
}
