package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.layer.Decoder;
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

  /**
   * A pass does not show its logits, but the losses of all possible targets do: they have the same
   * bits only if the logits agree up to what no sampling can see.
   */
  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true"})
  void itsLogitsHaveTheBitsOfAWholePass(boolean biases, boolean tiedHead) {
    TestModel model = new TestModel(TestModel.config(biases, tiedHead, 0.3f), KERNELS, 1);
    int vocabulary = model.gpt.config().vocabularySize();
    int[] windows = model.randomWindows(1, TIME);
    model.pass.feed(windows, 0, 1, TIME);
    float[][] whole = new float[vocabulary][];
    for (int target = 0; target < vocabulary; target++) {
      Arrays.fill(model.pass.targets(), target);
      model.gpt.loss(model.pass);
      whole[target] = model.pass.losses().clone();
    }

    Decoder decoder = model.gpt.newDecoder(model.weights, model.panels, POOL);
    for (int t = 0; t < TIME; t++) {
      float[] logits = decoder.accept(windows[t]);
      for (int target = 0; target < vocabulary; target++) {
        float[] loss = new float[1];
        KERNELS
            .crossEntropy()
            .loss(1, vocabulary, logits.clone(), 0, vocabulary, new int[] {target}, 0, loss, 0);
        assertThat(loss[0]).as("position %d, token %d", t, target).isEqualTo(whole[target][t]);
      }
    }
  }

  /** Large enough that products and, from some position on, heads are shared out. */
  @Test
  void workersDoNotShow() {
    int context = 600;
    GptConfig config = new GptConfig(3001, context, 64, 4, 1, 128, true, false, 0);
    TestModel model = new TestModel(config, KERNELS, 1);
    int[] ids = model.randomWindows(1, context);
    try (WorkerPool three = new WorkerPool(3)) {
      Decoder alone = model.gpt.newDecoder(model.weights, model.panels, POOL);
      Decoder shared = model.gpt.newDecoder(model.weights, model.panels, three);
      for (int t = 0; t < context; t++) {
        float[] expected = alone.accept(ids[t]).clone();
        assertThat(shared.accept(ids[t])).as("position %d", t).isEqualTo(expected);
      }
    }
  }

  @Test
  void startsAnewAfterAReset() {
    TestModel model = new TestModel(TestModel.config(true, true, 0), KERNELS, 1);
    Decoder decoder = model.gpt.newDecoder(model.weights, model.panels, POOL);
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
    Decoder decoder = model.gpt.newDecoder(model.weights, model.panels, POOL);
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
