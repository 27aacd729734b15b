package dev.lanewise.model.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.Gelu;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.layer.LayerNorm;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradientCheckTest {

  private static final KernelSet VECTOR = VectorKernels.create();

  static List<TransformerConfig> examples() {
    return Families.STANDARD.all().stream()
        .flatMap(family -> family.examples(0.2f).stream())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void backwardAgreesWithDifferencesOfTheReference(TransformerConfig config) {
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

  private static int tensors(TransformerConfig config) {
    boolean biases = ((LayerNorm.Choice) config.block().norm()).bias();
    int perLayer = biases ? 12 : 6;
    int norm = biases ? 2 : 1;
    return 2 + perLayer * config.layers() + norm + (config.tiedHead() ? 0 : 1);
  }

  @Test
  void findsAWrongBackward() {
    TransformerConfig config = examples().getFirst();
    GradientCheck.Report report = GradientCheck.run(config, withGelu(new SlightlyWrongGelu()), 1);

    assertThat(report.passed()).isFalse();
    // Everything behind the last GELU is right, and says so.
    assertThat(report.results())
        .filteredOn(result -> !result.passed())
        .extracting(GradientCheck.Result::name)
        .contains("layers.0.feed_forward.up.weight", "layers.1.feed_forward.up.weight")
        .doesNotContain("final_norm.weight", "layers.1.feed_forward.down.weight");
  }

  @Test
  void aNotANumberNeverPasses() {
    TransformerConfig config = examples().getFirst();
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
    public void forward(int row, int rows, Matrix x, Matrix y) {
      right.forward(row, rows, x, y);
    }

    @Override
    public void backward(int row, int rows, Matrix x, Matrix dy, Matrix dx) {
      right.backward(row, rows, x, dy, dx);
      for (int r = row; r < row + rows; r++) {
        for (int j = 0; j < dx.columns(); j++) {
          dx.data()[dx.offset(r) + j] *= wrong();
        }
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
