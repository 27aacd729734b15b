package dev.lanewise.model.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.kernels.Gelu;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.layer.LayerNorm;
import dev.lanewise.model.layer.LearnedPositions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradientCheckTest {

  private static final KernelSet VECTOR = VectorKernels.create();

  /** Families that differ in names alone have the same examples. */
  static List<TransformerConfig> examples() {
    return Families.STANDARD.all().stream()
        .flatMap(family -> family.examples(0.2f).stream())
        .distinct()
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

  @ParameterizedTest
  @MethodSource("examples")
  void soDoesBackwardThatRunsBlocksAgain(TransformerConfig config) {
    GradientCheck.Report again = GradientCheck.run(config, VECTOR, Use.RECOMPUTING, 1);

    assertThat(again.passed()).isTrue();
    assertThat(again.results()).isEqualTo(GradientCheck.run(config, VECTOR, 1).results());
  }

  /** Documents of several lengths in the same rows, of which the longest fills the context. */
  @ParameterizedTest
  @MethodSource("examples")
  void soDoesBackwardOfPackedDocuments(TransformerConfig config) {
    GradientCheck.Report report = GradientCheck.runPacked(config, VECTOR, 1);

    assertThat(report.results()).allSatisfy(GradientCheckTest::assertSound);
    assertThat(report.passed()).isTrue();
    assertThat(report.loss()).isCloseTo(report.referenceLoss(), within(1e-6));
  }

  private static void assertSound(GradientCheck.Result result) {
    assertThat(result.relativeError()).as(result.name()).isBetween(0.0, 1e-3);
    int elements = Math.min(20, result.shape().size());
    assertThat(result.checked()).as(result.name()).isGreaterThanOrEqualTo(elements);
    assertThat(result.largest()).as("gradients of " + result.name()).isGreaterThan(5e-4);
  }

  /** Each parameter has a gradient that is checked; those of GPT-2 are counted by hand. */
  private static int tensors(TransformerConfig config) {
    if (config.positions() instanceof LearnedPositions.Choice) {
      LayerNorm.Choice norm = (LayerNorm.Choice) config.block().norm();
      int perLayer = norm.bias() ? 12 : 6;
      return 2 + perLayer * config.layers() + (norm.bias() ? 2 : 1) + (config.tiedHead() ? 0 : 1);
    }
    return new Transformer(config, VECTOR, 1).layout().parameters().size();
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
        VECTOR.erfGelu(),
        VECTOR.siluGate(),
        VECTOR.reluSquared(),
        VECTOR.layerNorm(),
        VECTOR.rmsNorm(),
        VECTOR.rotary(),
        VECTOR.crossEntropy(),
        VECTOR.embedding(),
        VECTOR.dropout(),
        VECTOR.elementwise(),
        VECTOR.scaledSum(),
        VECTOR.transcendental(),
        VECTOR.reduction(),
        VECTOR.adamW(),
        VECTOR.rowAdam(),
        VECTOR.muon());
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
