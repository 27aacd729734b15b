package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.check.GradientCheck;
import dev.lanewise.model.layer.CrossEntropyLoss;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A training loss whose logits are divided by a temperature. */
class LossTemperatureTest {

  private static final KernelSet VECTOR = VectorKernels.create();
  private static final int SEQUENCES = 3;
  private static final int TIME = 13;

  private static TransformerConfig at(float temperature) {
    return TestModel.config(true, false, 0.1f)
        .withLoss(new CrossEntropyLoss.Choice(0, temperature));
  }

  @ParameterizedTest
  @ValueSource(floats = {0.3f, 0.75f, 2})
  void backwardAgreesWithDifferencesOfTheReference(float temperature) {
    GradientCheck.Report report = GradientCheck.run(at(temperature), VECTOR, 1);

    assertThat(report.results())
        .allSatisfy(
            result -> assertThat(result.relativeError()).as(result.name()).isBetween(0.0, 1e-3));
    assertThat(report.passed()).isTrue();
    assertThat(report.loss()).isCloseTo(report.referenceLoss(), within(1e-6));
    GradientCheck.Report plain = GradientCheck.run(at(1), VECTOR, 1);
    assertThat(report.loss()).isNotCloseTo(plain.loss(), within(1e-4));
  }

  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void scalarVectorAndTeamsHaveTheSameBits() {
    Outcome scalar = new TestModel(at(0.75f), ScalarKernels.create(), SEQUENCES).outcome(1, TIME);
    TestModel model = new TestModel(at(0.75f), VECTOR, SEQUENCES);

    for (int members : new int[] {1, 2, 3, 7}) {
      model.outcome(members, TIME).assertSameAs(scalar);
    }
  }

  /** A head of half the weights at half the temperature is the same loss, to the last bit. */
  @Test
  void halfTheLogitsAtHalfTheTemperatureHaveTheSameLoss() {
    TestModel plain = new TestModel(at(1), VECTOR, SEQUENCES);
    TestModel flatter = new TestModel(at(0.5f), VECTOR, SEQUENCES);
    int head = plain.transformer.layout().offset(plain.head());
    for (int i = head; i < head + plain.head().size(); i++) {
      flatter.weights.data()[i] = plain.weights.data()[i] / 2;
    }
    try (WorkerPool pool = new WorkerPool(1)) {
      flatter.panels.pack(pool, flatter.weights);
    }

    assertThat(trainingLoss(flatter)).isEqualTo(trainingLoss(plain));
  }

  @Test
  void anEvaluationKnowsOfNoTemperature() {
    TestModel plain = new TestModel(at(1), VECTOR, SEQUENCES);
    TestModel flatter = new TestModel(at(0.5f), VECTOR, SEQUENCES);

    assertThat(evaluationLoss(flatter)).isEqualTo(evaluationLoss(plain));
    assertThat(trainingLoss(flatter)).isNotEqualTo(trainingLoss(plain));
  }

  private static double trainingLoss(TestModel model) {
    feed(model);
    model.pass.withDropout(1, 1, 0);
    return model.transformer.lossAndGradients(model.pass, 1);
  }

  private static double evaluationLoss(TestModel model) {
    feed(model);
    model.pass.withoutDropout();
    return model.transformer.loss(model.pass);
  }

  private static void feed(TestModel model) {
    model.bind();
    model.pass.batch().takeWindows(model.randomWindows(SEQUENCES, TIME), 0, SEQUENCES, TIME);
  }

  @ParameterizedTest
  @ValueSource(floats = {0, -1, Float.NaN, Float.POSITIVE_INFINITY, Float.MIN_VALUE})
  void whatIsNoTemperatureIsRefused(float temperature) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> at(temperature))
        .withMessage("the temperature " + temperature + " is no positive number to divide by");
  }
}
