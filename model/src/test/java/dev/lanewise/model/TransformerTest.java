package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.family.ModelSizes;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransformerTest {

  private static final KernelSet KERNELS = VectorKernels.create();

  private static Transformer transformer(TransformerConfig config) {
    return new Transformer(config, KERNELS, 1);
  }

  /** The published sizes of GPT-2 and of nanoGPT's character model. */
  @Test
  void countsTheParametersOfKnownModels() {
    assertThat(
            transformer(TestModel.gpt2(50257, 1024, 768, 12, 12, 3072, true, true, 0))
                .countParameters())
        .isEqualTo(124_439_808);
    assertThat(
            transformer(TestModel.gpt2(50257, 1024, 1024, 16, 24, 4096, true, true, 0))
                .countParameters())
        .isEqualTo(354_823_168);
    // nanoGPT prints 10.65M, without the position embedding.
    assertThat(
            transformer(TestModel.gpt2(65, 256, 384, 6, 6, 1536, false, true, 0)).countParameters())
        .isEqualTo(10_646_784 + 256 * 384);
  }

  @Test
  void anUntiedHeadIsAMatrixMore() {
    long tied = transformer(TestModel.config(true, true, 0)).countParameters();
    long untied = transformer(TestModel.config(true, false, 0)).countParameters();

    assertThat(untied - tied).isEqualTo(67 * 36);
  }

  @Test
  void everyParameterHasANameAndAShape() {
    assertThat(
            transformer(TestModel.gpt2(67, 13, 36, 3, 1, 90, true, false, 0)).layout().parameters())
        .extracting(parameter -> parameter.name() + " " + parameter.shape())
        .containsExactly(
            "embedding.weight [67, 36]",
            "positions.weight [13, 36]",
            "layers.0.attention_norm.weight [36]",
            "layers.0.attention_norm.bias [36]",
            "layers.0.attention.qkv.weight [36, 108]",
            "layers.0.attention.qkv.bias [108]",
            "layers.0.attention.output.weight [36, 36]",
            "layers.0.attention.output.bias [36]",
            "layers.0.feed_forward_norm.weight [36]",
            "layers.0.feed_forward_norm.bias [36]",
            "layers.0.feed_forward.up.weight [36, 90]",
            "layers.0.feed_forward.up.bias [90]",
            "layers.0.feed_forward.down.weight [90, 36]",
            "layers.0.feed_forward.down.bias [36]",
            "final_norm.weight [36]",
            "final_norm.bias [36]",
            "head.weight [67, 36]");
  }

  @Test
  void everyParameterHasARole() {
    assertThat(
            transformer(TestModel.gpt2(67, 13, 36, 3, 1, 90, true, false, 0)).layout().parameters())
        .extracting(Parameter::role)
        .containsExactly(
            Role.EMBEDDING,
            Role.EMBEDDING,
            Role.GAIN,
            Role.BIAS,
            Role.HIDDEN,
            Role.BIAS,
            Role.HIDDEN,
            Role.BIAS,
            Role.GAIN,
            Role.BIAS,
            Role.HIDDEN,
            Role.BIAS,
            Role.HIDDEN,
            Role.BIAS,
            Role.GAIN,
            Role.BIAS,
            Role.HEAD);
  }

  /** Normal, of deviation 0.02, less where a layer adds to the residual stream (GPT-2). */
  @Test
  void initialWeightsHaveThePublishedDistribution() {
    Transformer model = transformer(TestModel.gpt2(500, 64, 64, 4, 3, 256, true, false, 0));
    ParameterStore weights = model.initialize(1);
    for (Parameter parameter : model.layout().parameters()) {
      String name = parameter.name();
      double mean = 0;
      double square = 0;
      for (float weight : weights.tensor(parameter).toArray()) {
        mean += weight / (double) parameter.size();
        square += (double) weight * weight / parameter.size();
      }
      if (parameter.shape().rank() == 2) {
        boolean residual = name.endsWith("output.weight") || name.endsWith("down.weight");
        double deviation = residual ? 0.02 / Math.sqrt(6) : 0.02;
        double error = 4 * deviation / Math.sqrt(parameter.size());
        assertThat(Math.abs(mean)).as("mean of " + name).isLessThan(error);
        assertThat(Math.abs(Math.sqrt(square) - deviation))
            .as("deviation of " + name)
            .isLessThan(error);
      } else {
        double constant = name.endsWith(".weight") ? 1 : 0;
        assertThat(mean).as(name).isEqualTo(constant);
        assertThat(square).as(name).isEqualTo(constant);
      }
    }
  }

  /** What an optimizer of matrices has to know of matrices that are stored as one. */
  @Test
  void matricesThatAreStoredAsOneSayWhichTheyAre() {
    Transformer gpt2 = transformer(TestModel.gpt2(67, 13, 36, 3, 1, 90, true, false, 0));
    Transformer llama =
        transformer(
            Families.STANDARD
                .named("llama")
                .choose(new ModelSizes(67, 13, 36, 6, 2, 0, 1, 90, false, false, 0, 10_000)));

    assertThat(parts(gpt2, "attention.qkv")).containsExactly(36, 36, 36);
    assertThat(parts(gpt2, "attention.output")).containsExactly(36);
    assertThat(parts(llama, "attention.qkv")).containsExactly(36, 12, 12);
    assertThat(parts(llama, "feed_forward.gate_up")).containsExactly(90, 90);
    assertThat(parts(llama, "feed_forward.down")).containsExactly(36);
  }

  private static List<Integer> parts(Transformer model, String layer) {
    return model.layout().parameter("layers.0." + layer + ".weight").parts();
  }

  /** Golden values of the first version that could train. */
  @Test
  void initialWeightsAreGolden() {
    Transformer large = transformer(TestModel.gpt2(500, 64, 64, 4, 3, 256, true, false, 0));
    assertThat(Outcome.hash(large.initialize(1).data())).isEqualTo("a4e1b408f93f1fb0");
    Transformer small = transformer(TestModel.config(false, true, 0));
    assertThat(Outcome.hash(small.initialize(7).data())).isEqualTo("fa6da8444a2f3f01");
  }

  @Test
  void initialWeightsAreAFunctionOfTheSeed() {
    Transformer model = transformer(TestModel.config(true, false, 0));
    float[] weights = model.initialize(1).data();

    assertThat(transformer(TestModel.config(true, false, 0.5f)).initialize(1).data())
        .isEqualTo(weights);
    assertThat(model.initialize(2).data()).isNotEqualTo(weights);
    Parameter tokens = model.layout().parameter("embedding.weight");
    Parameter head = model.layout().parameter("head.weight");
    assertThat(weights[model.layout().offset(tokens)])
        .isNotEqualTo(weights[model.layout().offset(head)]);
  }

  @Test
  void refusesShapesThatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestModel.gpt2(67, 13, 36, 5, 2, 90, true, true, 0))
        .withMessageContaining("36")
        .withMessageContaining("5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestModel.gpt2(67, 13, 36, 3, 2, 90, true, true, 1))
        .withMessageContaining("dropout");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestModel.gpt2(67, 13, 36, 3, 2, 90, true, true, Float.NaN))
        .withMessageContaining("dropout");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestModel.gpt2(0, 13, 36, 3, 2, 90, true, true, 0))
        .withMessageContaining("vocabulary");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> transformer(TestModel.gpt2(1 << 18, 13, 1 << 12, 4, 1, 90, true, false, 0)))
        .withMessageContaining("smaller");
  }

  /** One layer of width 2 with one position, counted by hand. */
  @Test
  void flopsAreThoseOfTheProducts() {
    Transformer model = transformer(TestModel.gpt2(10, 4, 2, 1, 1, 6, true, true, 0));
    long weights = 2 * 6 + 2 * 2 + 2 * 6 + 6 * 2 + 2 * 10;

    assertThat(model.flopsPerSequence(1)).isEqualTo(3 * 2 * weights + 6 * 2 * 2);
    assertThat(model.flopsPerSequence(4)).isEqualTo(4 * 3 * 2 * weights + 6 * 2 * 2 * 10);
  }
}
