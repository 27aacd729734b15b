package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.vector.VectorKernels;
import org.junit.jupiter.api.Test;

class GptTest {

  private static final KernelSet KERNELS = VectorKernels.create();

  private static Gpt gpt(GptConfig config) {
    return new Gpt(config, KERNELS, 1);
  }

  /** The published sizes of GPT-2 and of nanoGPT's character model. */
  @Test
  void countsTheParametersOfKnownModels() {
    assertThat(gpt(new GptConfig(50257, 1024, 768, 12, 12, 3072, true, true, 0)).countParameters())
        .isEqualTo(124_439_808);
    assertThat(gpt(new GptConfig(50257, 1024, 1024, 16, 24, 4096, true, true, 0)).countParameters())
        .isEqualTo(354_823_168);
    // nanoGPT prints 10.65M, without the position embedding.
    assertThat(gpt(new GptConfig(65, 256, 384, 6, 6, 1536, false, true, 0)).countParameters())
        .isEqualTo(10_646_784 + 256 * 384);
  }

  @Test
  void anUntiedHeadIsAMatrixMore() {
    long tied = gpt(TestModel.config(true, true, 0)).countParameters();
    long untied = gpt(TestModel.config(true, false, 0)).countParameters();

    assertThat(untied - tied).isEqualTo(67 * 36);
  }

  @Test
  void namesAndShapesAreGpt2s() {
    assertThat(gpt(new GptConfig(67, 13, 36, 3, 1, 90, true, false, 0)).layout().parameters())
        .extracting(parameter -> parameter.name() + " " + parameter.shape())
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

  @Test
  void initialWeightsHaveGpt2sDistribution() {
    Gpt gpt = gpt(new GptConfig(500, 64, 64, 4, 3, 256, true, false, 0));
    float[] weights = gpt.initialize(1).data();
    for (Parameter parameter : gpt.layout().parameters()) {
      String name = parameter.name();
      double mean = 0;
      double square = 0;
      for (int i = parameter.offset(); i < parameter.offset() + parameter.size(); i++) {
        mean += weights[i] / (double) parameter.size();
        square += (double) weights[i] * weights[i] / parameter.size();
      }
      if (parameter.isMatrix()) {
        double deviation = name.endsWith("c_proj.weight") ? 0.02 / Math.sqrt(6) : 0.02;
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

  @Test
  void initialWeightsAreAFunctionOfTheSeed() {
    Gpt gpt = gpt(TestModel.config(true, false, 0));
    float[] weights = gpt.initialize(1).data();

    assertThat(gpt(TestModel.config(true, false, 0.5f)).initialize(1).data()).isEqualTo(weights);
    assertThat(gpt.initialize(2).data()).isNotEqualTo(weights);
    Parameter tokens = gpt.layout().parameter("wte.weight");
    Parameter head = gpt.layout().parameter("lm_head.weight");
    assertThat(weights[tokens.offset()]).isNotEqualTo(weights[head.offset()]);
  }

  @Test
  void refusesShapesThatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GptConfig(67, 13, 36, 5, 2, 90, true, true, 0))
        .withMessageContaining("36")
        .withMessageContaining("5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GptConfig(67, 13, 36, 3, 2, 90, true, true, 1))
        .withMessageContaining("dropout");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GptConfig(67, 13, 36, 3, 2, 90, true, true, Float.NaN))
        .withMessageContaining("dropout");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GptConfig(0, 13, 36, 3, 2, 90, true, true, 0))
        .withMessageContaining("vocabulary");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> gpt(new GptConfig(1 << 18, 13, 1 << 12, 4, 1, 90, true, false, 0)))
        .withMessageContaining("smaller");
  }

  /** One layer of width 2 with one position, counted by hand. */
  @Test
  void flopsAreThoseOfTheProducts() {
    Gpt gpt = gpt(new GptConfig(10, 4, 2, 1, 1, 6, true, true, 0));
    long weights = 2 * 6 + 2 * 2 + 2 * 6 + 6 * 2 + 2 * 10;

    assertThat(gpt.flopsPerSequence(1)).isEqualTo(3 * 2 * weights + 6 * 2 * 2);
    assertThat(gpt.flopsPerSequence(4)).isEqualTo(4 * 3 * 2 * weights + 6 * 2 * 2 * 10);
  }
}
