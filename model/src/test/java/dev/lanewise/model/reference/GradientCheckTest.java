package dev.lanewise.model.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.Gelu;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.GptConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradientCheckTest {

  private static final KernelSet VECTOR = VectorKernels.create();

  static List<GptConfig> variants() {
    return GradientCheck.variants(0.2f);
  }

  @ParameterizedTest
  @MethodSource("variants")
  void backwardAgreesWithDifferencesOfTheReference(GptConfig config) {
    GradientCheck.Report report = GradientCheck.run(config, VECTOR, 1);

    assertThat(report.results()).allSatisfy(GradientCheckTest::assertSound);
    assertThat(report.passed()).isTrue();
    assertThat(report.largestError()).isLessThanOrEqualTo(1e-3);
    assertThat(report.results()).hasSize(tensors(config));
    assertThat(report.loss()).isCloseTo(report.referenceLoss(), within(1e-6));
  }

  private static void assertSound(GradientCheck.Result result) {
    assertThat(result.relativeError()).as(result.name()).isBetween(0.0, 1e-3);
    assertThat(result.checked()).as(result.name()).isGreaterThanOrEqualTo(20);
    assertThat(result.largest()).as("gradients of " + result.name()).isGreaterThan(1e-3);
  }

  private static int tensors(GptConfig config) {
    int perLayer = config.biases() ? 12 : 6;
    int norm = config.biases() ? 2 : 1;
    return 2 + perLayer * config.layers() + norm + (config.tiedHead() ? 0 : 1);
  }

  @Test
  void findsAWrongBackward() {
    GptConfig config = variants().getFirst();
    GradientCheck.Report report = GradientCheck.run(config, withGelu(new SlightlyWrongGelu()), 1);

    assertThat(report.passed()).isFalse();
    // Everything behind the last GELU is right, and says so.
    assertThat(report.results())
        .filteredOn(result -> !result.passed())
        .extracting(GradientCheck.Result::name)
        .contains("h.0.mlp.c_fc.weight", "h.1.mlp.c_fc.weight")
        .doesNotContain("ln_f.weight", "h.1.mlp.c_proj.weight");
  }

  @Test
  void aNotANumberNeverPasses() {
    GptConfig config = variants().getFirst();
    GradientCheck.Report report = GradientCheck.run(config, withGelu(new NaNGelu()), 1);

    assertThat(report.passed()).isFalse();
    assertThat(report.largestError()).isNaN();
  }

  @Test
  void errorsAreRelativeToTheGreaterGradientOrTheFloor() {
    assertThat(GradientCheck.relativeError(2, 4)).isEqualTo(0.5);
    assertThat(GradientCheck.relativeError(-4, 4)).isEqualTo(2);
    assertThat(GradientCheck.relativeError(0, 0)).isZero();
    assertThat(GradientCheck.relativeError(1e-7, 0)).isCloseTo(1e-3, within(1e-12));
    assertThat(GradientCheck.relativeError(Double.NaN, 0)).isNaN();
  }

  private static KernelSet withGelu(Gelu gelu) {
    return new KernelSet(
        "with another GELU",
        VECTOR.matmul(),
        VECTOR.attention(),
        VECTOR.softmax(),
        gelu,
        VECTOR.layerNorm(),
        VECTOR.crossEntropy(),
        VECTOR.embedding(),
        VECTOR.dropout(),
        VECTOR.elementwise(),
        VECTOR.transcendental(),
        VECTOR.reduction(),
        VECTOR.adamW());
  }

  /** The derivative is half a percent off. */
  private static class SlightlyWrongGelu implements Gelu {

    private final Gelu right = ScalarKernels.create().gelu();

    @Override
    public void forward(int n, float[] x, int xOffset, float[] y, int yOffset) {
      right.forward(n, x, xOffset, y, yOffset);
    }

    @Override
    public void backward(
        int n, float[] x, int xOffset, float[] dy, int dyOffset, float[] dx, int dxOffset) {
      right.backward(n, x, xOffset, dy, dyOffset, dx, dxOffset);
      for (int i = 0; i < n; i++) {
        dx[dxOffset + i] *= wrong();
      }
    }

    float wrong() {
      return 1.005f;
    }
  }

  private static final class NaNGelu extends SlightlyWrongGelu {

    @Override
    float wrong() {
      return Float.NaN;
    }
  }
}
