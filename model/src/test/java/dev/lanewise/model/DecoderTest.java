package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.vector.VectorKernels;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecoderTest {

  private static final KernelSet KERNELS = VectorKernels.create();
  private static final int TIME = 13;
  private static final WorkerPool POOL = new WorkerPool(1);

  @AfterAll
  static void close() {
    POOL.close();
  }

  /** The losses of all possible targets, and the logits themselves. */
  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true"})
  void itsLogitsHaveTheBitsOfAWholePass(boolean biases, boolean tiedHead) {
    TestModel model = new TestModel(TestModel.config(biases, tiedHead, 0.3f), KERNELS, 1);
    int vocabulary = model.transformer.config().vocabularySize();
    int[] windows = model.randomWindows(1, TIME);
    model.pass.batch().takeWindows(windows, 0, 1, TIME);
    float[][] whole = new float[vocabulary][];
    for (int target = 0; target < vocabulary; target++) {
      Arrays.fill(model.pass.batch().targets(), target);
      model.transformer.loss(model.pass);
      whole[target] = model.pass.losses().clone();
    }

    Decoder decoder = model.transformer.newDecoder(model.weights, model.panels, POOL);
    for (int t = 0; t < TIME; t++) {
      float[] logits = decoder.accept(windows[t]);
      for (int target = 0; target < vocabulary; target++) {
        float[] loss = new float[1];
        Matrix row = Matrix.of(logits.clone(), 0, vocabulary);
        KERNELS.crossEntropy().loss(0, 1, row, new int[] {target}, loss, 0);
        assertThat(loss[0]).as("position %d, token %d", t, target).isEqualTo(whole[target][t]);
      }
    }
    assertThat(model.decode(windows, TIME, POOL)).isDeepEqualTo(model.wholePasses(windows, TIME));
  }

  /** Large enough for three workers, which cut products by rows and columns, and heads. */
  @Test
  void workersDoNotShow() {
    int context = 600;
    TransformerConfig config = TestModel.gpt2(12001, context, 128, 4, 1, 256, true, false, 0);
    TestModel model = new TestModel(config, KERNELS, 1);
    assertThat(model.transformer.countParameters()).isGreaterThan(3 << 19);
    int[] ids = model.randomWindows(1, context);
    try (WorkerPool three = new WorkerPool(3)) {
      Decoder alone = model.transformer.newDecoder(model.weights, model.panels, POOL);
      Decoder shared = model.transformer.newDecoder(model.weights, model.panels, three);
      for (int t = 0; t < context; t++) {
        float[] expected = alone.accept(ids[t]).clone();
        assertThat(shared.accept(ids[t])).as("position %d", t).isEqualTo(expected);
      }
    }
  }

  @Test
  void startsAnewAfterAReset() {
    TestModel model = new TestModel(TestModel.config(true, true, 0), KERNELS, 1);
    Decoder decoder = model.transformer.newDecoder(model.weights, model.panels, POOL);
    decoder.accept(5);
    float[] first = decoder.accept(7).clone();
    decoder.accept(9);
    assertThat(decoder.position()).isEqualTo(3);

    decoder.reset();
    assertThat(decoder.position()).isZero();
    decoder.accept(5);
    assertThat(decoder.accept(7)).isEqualTo(first);
  }

  @Test
  void refusesWhatDoesNotFit() {
    TestModel model = new TestModel(TestModel.config(true, true, 0), KERNELS, 1);
    Decoder decoder = model.transformer.newDecoder(model.weights, model.panels, POOL);
    assertThat(decoder.context()).isEqualTo(TIME);

    assertThatThrownBy(() -> decoder.accept(67))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("67");
    assertThatThrownBy(() -> decoder.accept(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    for (int t = 0; t < TIME; t++) {
      decoder.accept(t);
    }
    assertThatIllegalStateException().isThrownBy(() -> decoder.accept(0));
  }
}
