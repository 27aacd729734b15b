package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedFloats;
import dev.lanewise.kernels.PackedInts;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.memory.Decoding;
import dev.lanewise.model.memory.WeightPanels;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

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

  static Stream<TransformerConfig> examples() {
    return Families.STANDARD.all().stream()
        .flatMap(family -> family.examples(0.3f).stream())
        .distinct();
  }

  /** Twice, so that a text knows nothing of the one before it; up to the last position. */
  @ParameterizedTest
  @MethodSource("examples")
  void everyFamilyHasTheBitsOfAWholePass(TransformerConfig config) {
    TestModel model = new TestModel(config, KERNELS, 1);
    int time = config.contextLength();
    int[] ids = model.randomWindows(1, time);
    float[][] whole = model.wholePasses(ids, time);
    try (WorkerPool three = new WorkerPool(3)) {
      assertThat(model.decode(ids, time, three)).isDeepEqualTo(whole);
    }
    Decoder decoder = model.transformer.newDecoder(model.weights, model.panels, POOL);
    for (int id : new int[] {3, 1, 4}) {
      decoder.accept(id);
    }
    decoder.reset();
    for (int t = 0; t < time; t++) {
      assertThat(decoder.accept(ids[t])).as("position %d", t).isEqualTo(whole[t]);
    }
  }

  static Stream<Arguments> examplesInEachPrecision() {
    return examples()
        .flatMap(
            config ->
                Stream.of(Precision.F32, Precision.BF16)
                    .map(precision -> Arguments.of(config, precision)));
  }

  /** However tokens are cut into blocks, on any number of threads: the logits, and what is kept. */
  @ParameterizedTest
  @MethodSource("examplesInEachPrecision")
  void blocksHaveTheBitsOfSingleTokens(TransformerConfig config, Precision precision) {
    int time = config.contextLength();
    TestModel scalar = new TestModel(config, ScalarKernels.create(), 1);
    int[] ids = scalar.randomWindows(1, time);
    float[][] single = scalar.decode(ids, time, precision, POOL);
    for (TestModel model : List.of(scalar, new TestModel(config, KERNELS, 1))) {
      Decoder alone = decoder(model, precision, POOL, 1);
      for (int t = 0; t < time; t++) {
        alone.accept(ids[t]);
      }
      for (int workers = 1; workers <= 3; workers++) {
        try (WorkerPool pool = new WorkerPool(workers)) {
          for (int block : new int[] {1, 2, 3, 5, 7, time}) {
            Decoder decoder = decoder(model, precision, pool, workers);
            for (int t = 0; t < time; t += block) {
              int end = Math.min(time, t + block);
              assertThat(decoder.feed(Arrays.copyOfRange(ids, t, end)))
                  .as("%d workers, %d to %d", workers, t, end)
                  .isEqualTo(single[end - 1]);
            }
            Object[] expected = kept(alone, config.layers());
            assertThat(Arrays.deepEquals(kept(decoder, config.layers()), expected)).isTrue();
          }
        }
      }
    }
  }

  private static Decoder decoder(TestModel model, Precision precision, WorkerPool pool, int team) {
    return new Decoder(model.transformer, model.weights, model.panels, precision, pool, team);
  }

  /** All keys and values of a decoder's text: arrays of floats or of ints. */
  private static Object[] kept(Decoder decoder, int caches) {
    Decoding memory = decoder.text().memory();
    return IntStream.range(0, caches)
        .mapToObj(memory::cache)
        .flatMap(cache -> Stream.of(cache.keys(0), cache.values(0)))
        .map(DecoderTest::array)
        .toArray();
  }

  /** The array of a packed matrix, which those of all heads share. */
  private static Object array(PackedMatrix matrix) {
    return matrix instanceof PackedInts ints ? ints.data() : ((PackedFloats) matrix).data();
  }

  /** Texts of other lengths, of which some go on by several tokens, and one is a copy. */
  @ParameterizedTest
  @MethodSource("examplesInEachPrecision")
  void textsSideBySideDoNotShow(TransformerConfig config, Precision precision) {
    TestModel model = new TestModel(config, KERNELS, 1);
    int vocabulary = config.vocabularySize();
    int[] ids = model.randomWindows(3, 4);
    float[][] expected = new float[4][];
    Decoder alone = decoder(model, precision, POOL, 1);
    int[][] texts = {{0, 4}, {4, 3}, {7, 5}};
    for (int i = 0; i < 3; i++) {
      alone.reset();
      int end = texts[i][0] + texts[i][1];
      expected[i] = alone.feed(Arrays.copyOfRange(ids, texts[i][0], end)).clone();
    }
    alone.reset();
    alone.feed(Arrays.copyOfRange(ids, 7, 9));
    expected[3] = alone.feed(ids[0], ids[1]).clone();
    try (WorkerPool pool = new WorkerPool(2)) {
      Decoder decoder = decoder(model, precision, pool, 2);
      DecodedText a = decoder.newText();
      DecodedText b = decoder.newText();
      DecodedText c = decoder.newText();
      DecodedText d = decoder.newText();
      decoder.add(c, ids, 7, 2);
      decoder.add(a, ids, 0, 3);
      decoder.add(b, ids, 4, 1);
      assertThat(decoder.run(0)).isEmpty();
      d.copy(c);
      decoder.add(a, ids, 3, 1);
      decoder.add(b, ids, 5, 2);
      decoder.add(c, ids, 9, 3);
      decoder.add(d, ids, 0, 2);
      float[] logits = decoder.run(8);
      int[] lastRows = {0, 2, 5, 7};
      for (int i = 0; i < 4; i++) {
        int from = lastRows[i] * vocabulary;
        assertThat(Arrays.copyOfRange(logits, from, from + vocabulary))
            .as("text %d", i)
            .isEqualTo(expected[i]);
      }
    }
  }

  @Test
  void refusesMoreThanAPassHolds() {
    TestModel model = new TestModel(TestModel.config(true, true, 0), KERNELS, 1);
    Decoder decoder = model.transformer.newDecoder(model.weights, model.panels, POOL);
    int[] ids = new int[TIME];
    while (decoder.room() >= TIME) {
      decoder.add(decoder.newText(), ids, 0, TIME);
    }
    assertThatIllegalStateException()
        .isThrownBy(() -> decoder.add(decoder.newText(), ids, 0, TIME));
    decoder.add(decoder.newText(), ids, 0, decoder.room());
    assertThatThrownBy(() -> decoder.run(decoder.maxRows() + 1))
        .isInstanceOf(IllegalArgumentException.class);
    decoder.run(0);
    assertThat(decoder.room()).isEqualTo(decoder.maxRows());

    decoder.add(decoder.text(), ids, 0, 1);
    assertThatIllegalStateException()
        .isThrownBy(() -> decoder.add(decoder.text(), ids, 0, 1))
        .withMessageContaining("already");
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
      Decoder inBlocks = model.transformer.newDecoder(model.weights, model.panels, three);
      float[] afterAll = inBlocks.feed(Arrays.copyOf(ids, context));
      for (int t = 0; t < context; t++) {
        float[] expected = alone.accept(ids[t]).clone();
        assertThat(shared.accept(ids[t])).as("position %d", t).isEqualTo(expected);
        if (t == context - 1) {
          assertThat(afterAll).isEqualTo(expected);
        }
      }
    }
  }

  /** Long enough for caches that grow twice, up to the context. */
  @Test
  void growingCachesDoNotShow() {
    int context = 500;
    TransformerConfig config = TestModel.gpt2(31, context, 24, 2, 2, 40, true, true, 0);
    TestModel model = new TestModel(config, KERNELS, 1);
    int[] ids = model.randomWindows(1, context);
    model.pass.batch().takeRows(ids, ids, 0, 1, context);
    float[] whole = new float[context * 31];
    model.transformer.logits(model.pass, whole);

    Decoder decoder = model.transformer.newDecoder(model.weights, model.panels, POOL);
    for (int text = 0; text < 2; text++) {
      decoder.reset();
      for (int t = 0; t < context; t++) {
        assertThat(decoder.accept(ids[t]))
            .as("position %d", t)
            .isEqualTo(Arrays.copyOfRange(whole, t * 31, (t + 1) * 31));
      }
    }
  }

  /** Token by token through caches that grow, in one block, and by the scalar kernels. */
  @Test
  void growingCachesDoNotShowInBfloat16() {
    int context = 500;
    TransformerConfig config = TestModel.gpt2(31, context, 24, 2, 2, 40, true, true, 0);
    TestModel model = new TestModel(config, KERNELS, 1);
    int[] ids = model.randomWindows(1, context);
    float[][] expected =
        new TestModel(config, ScalarKernels.create(), 1).decode(ids, context, Precision.BF16, POOL);
    assertThat(model.decode(ids, context, Precision.BF16, POOL)).isDeepEqualTo(expected);
    assertThat(decoder(model, Precision.BF16, POOL, 1).feed(Arrays.copyOf(ids, context)))
        .isEqualTo(expected[context - 1]);

    float[][] exact = model.decode(ids, context, POOL);
    assertThat(exact[context - 1]).isNotEqualTo(expected[context - 1]);
    for (int v = 0; v < 31; v++) {
      assertThat(expected[context - 1][v]).isCloseTo(exact[context - 1][v], within(0.02f));
    }
  }

  @Test
  void keysAndValuesInOtherPrecisionsAreRefused() {
    TestModel model = new TestModel(TestModel.config(true, true, 0), KERNELS, 1);
    assertThatThrownBy(() -> decoder(model, Precision.INT8, POOL, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("INT8");
  }

  /** A context of 128k tokens, of which two thousand are used. */
  @Test
  void memoryIsThatOfTheText() {
    // Vectors are objects until C2 has compiled what uses them.
    KernelSet scalar = ScalarKernels.create();
    Transformer transformer =
        new Transformer(TestModel.gpt2(31, 1 << 17, 32, 2, 2, 16, true, true, 0), scalar, 1);
    ParameterStore weights = transformer.initialize(1);
    WeightPanels panels = transformer.newPanels(false);
    panels.pack(POOL, weights);
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    Decoder decoder = transformer.newDecoder(weights, panels, POOL);
    long[] allocated = new long[2];
    for (int i = 0; i < 2; i++) {
      while (decoder.position() < 1 + i * 1999) {
        decoder.accept(1);
      }
      allocated[i] = threads.getCurrentThreadAllocatedBytes() - before;
    }
    long[] planned = {
      transformer.passes().decodingBytes(1, 1, Precision.F32, 1),
      transformer.passes().decodingBytes(1, 2000, Precision.F32, 1)
    };

    assertThat(allocated[0]).isBetween(planned[0] / 2, planned[0] + (1 << 16));
    // What was allocated before it grew is garbage: less than three times the last.
    assertThat(allocated[1]).isBetween(planned[1] / 2, 4 * planned[1]);
    long token = 2L * 2 * 32 * Float.BYTES;
    assertThat(planned[1]).isBetween(2000 * token, 2 * 2000 * 3 * token / 2);
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

  /** As if the tokens that were taken back had never been there. */
  @Test
  void goesBack() {
    TestModel model = new TestModel(TestModel.config(true, true, 0), KERNELS, 1);
    Decoder decoder = model.transformer.newDecoder(model.weights, model.panels, POOL);
    float[] expected = decoder.feed(5, 7, 1, 2).clone();
    decoder.rewind(2);
    assertThat(decoder.feed(9, 9, 9)).isNotEqualTo(expected);
    decoder.rewind(2);
    assertThat(decoder.position()).isEqualTo(2);
    assertThat(decoder.feed(1, 2)).isEqualTo(expected);

    assertThatThrownBy(() -> decoder.rewind(5)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> decoder.rewind(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatIllegalStateException().isThrownBy(() -> decoder.feed(new int[TIME - 3]));
    assertThat(decoder.position()).isEqualTo(4);
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
