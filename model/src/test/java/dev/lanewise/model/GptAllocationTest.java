package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.layer.Decoder;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The steady state allocates nothing: neither C2 nor a layer forgets it. */
class GptAllocationTest {

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int SEQUENCES = 2;
  private static final int TIME = 13;

  /** Rounds without allocation that end a measurement. */
  private static final int CLEAN_ROUNDS = 5;

  /** A step that still allocates after this time would do so for ever. */
  private static final long GIVE_UP_NANOS = 30_000_000_000L;

  @Test
  void aStepAllocatesNothingWhenWarm() {
    TestModel model =
        new TestModel(TestModel.config(true, true, 0.1f), VectorKernels.create(), SEQUENCES);
    int[] windows = model.randomWindows(SEQUENCES, TIME);
    long allocated =
        allocatedWhenWarm(
            () -> {
              model.pass.feed(windows, 0, SEQUENCES, TIME);
              model.pass.train(1, 1, 0);
              model.gpt.lossAndGradients(model.pass, 1f);
              model.pass.evaluate();
              model.gpt.loss(model.pass);
            });
    assertThat(allocated).as("bytes allocated by a step").isZero();
  }

  @Test
  void aTokenAllocatesNothingWhenWarm() {
    TestModel model = new TestModel(TestModel.config(true, true, 0), VectorKernels.create(), 1);
    try (WorkerPool pool = new WorkerPool(1)) {
      Decoder decoder = model.gpt.newDecoder(model.weights, model.panels, pool);
      long allocated =
          allocatedWhenWarm(
              () -> {
                decoder.reset();
                for (int t = 0; t < TIME; t++) {
                  decoder.accept(t);
                }
              });
      assertThat(allocated).as("bytes allocated by the tokens of a context").isZero();
    }
  }

  private static long allocatedWhenWarm(Runnable round) {
    long end = System.nanoTime() + GIVE_UP_NANOS;
    int clean = 0;
    long allocated;
    do {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      round.run();
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      clean = allocated == 0 ? clean + 1 : 0;
    } while (clean < CLEAN_ROUNDS && System.nanoTime() < end);
    return allocated;
  }
}
