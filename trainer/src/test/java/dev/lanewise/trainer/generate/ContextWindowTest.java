package dev.lanewise.trainer.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Decoder;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.trainer.fixture.SmallModel;
import dev.lanewise.trainer.progress.Phase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A window that is full moves without a pause, and nothing of how it does that is seen. */
class ContextWindowTest {

  private static final int CONTEXT = 200;
  private static final int KEPT = CONTEXT / 2;
  private static final SmallModel MODEL = SmallModel.ofCharacters(CONTEXT);
  private static final ParameterStore WEIGHTS = MODEL.snapshot(1, 1).weights();
  private static final WorkerPool POOL = new WorkerPool(1);
  private static final Transformer TRANSFORMER =
      new Transformer(MODEL.transformer().config(), VectorKernels.create(), 1);
  private static final WeightPanels PANELS = TRANSFORMER.newPanels(false);

  static {
    PANELS.pack(POOL, WEIGHTS);
  }

  @AfterAll
  static void close() {
    POOL.close();
  }

  private static Decoder decoder() {
    return TRANSFORMER.newDecoder(WEIGHTS, PANELS, POOL);
  }

  private static int[] tokens(int count) {
    int[] ids = new int[count];
    Arrays.setAll(ids, i -> i * i % 7 % MODEL.tokenizer().vocabularySize());
    return ids;
  }

  /** From prompts of any length on, twice around: by the definition, a fresh decoder each time. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 50, 99, 100, 101, 128, 150, 180, 197, 198, 199, 200})
  void movesAsIfAllWereComputedAnew(int prompt) {
    int[] ids = tokens(prompt + 2 * CONTEXT + 7);
    Decoder decoder = decoder();
    ContextWindow window = new ContextWindow(decoder, decoder.text());
    for (int from = 0; from < prompt; from += decoder.maxRows()) {
      window.add(ids, from, Math.min(prompt - from, decoder.maxRows()));
      decoder.run(0);
    }
    int first = 0;
    for (int at = prompt; at < ids.length; at++) {
      boolean moves = window.length() == CONTEXT;
      if (moves && at > prompt) {
        assertThat(window.nextLength()).as("at %d", at).isEqualTo(KEPT);
      }
      window.makeRoom();
      if (moves) {
        first = at - KEPT;
      }
      window.add(ids, at, 1);
      window.addNextRows(window.length() + 1);
      // However late the text was far enough to begin with it, never much at once.
      assertThat(decoder.maxRows() - decoder.room())
          .isLessThanOrEqualTo(8 + KEPT / Math.max(1, CONTEXT - prompt));
      float[] logits = decoder.run(1);
      if (at % 11 == 0 || moves) {
        float[] expected = decoder().feed(Arrays.copyOfRange(ids, first, at + 1));
        assertThat(Arrays.copyOf(logits, expected.length)).as("at %d", at).isEqualTo(expected);
      }
    }
  }

  @Test
  void knowsWhatItBeginsWith() {
    int[] ids = tokens(50);
    Decoder decoder = decoder();
    ContextWindow window = new ContextWindow(decoder, decoder.text());
    window.add(ids, 0, 30);
    decoder.run(0);
    assertThat(window.common(ids, 0, 50)).isEqualTo(30);
    assertThat(window.common(ids, 0, 20)).isEqualTo(20);
    int[] others = ids.clone();
    others[12]++;
    assertThat(window.common(others, 0, 50)).isEqualTo(12);
    ContextWindow copy = window.another();
    window.rewind(3);
    assertThat(window.common(ids, 0, 50)).isEqualTo(3);
    assertThat(copy.common(ids, 0, 50)).isEqualTo(30);
  }

  private static Generator generator() {
    return new Generator(
        TRANSFORMER, VectorKernels.create(), WEIGHTS, PANELS, MODEL.tokenizer(), POOL);
  }

  /** Long enough for guesses of all lengths, right and wrong ones. */
  @Test
  void guessesDoNotShowInLongTexts() {
    int[] prompt = tokens(60);
    for (double temperature : new double[] {0, 0.2, 1}) {
      SamplingOptions options = new SamplingOptions(temperature, 0, 1, 3);
      List<List<Integer>> texts = new ArrayList<>();
      for (boolean guess : new boolean[] {false, true}) {
        Generator generator = generator();
        generator.guessAhead(guess);
        List<Integer> ids = new ArrayList<>();
        generator.generateTokens(prompt, 500, options, () -> false, ids::add);
        assertThat(ids).hasSize(500);
        texts.add(ids);
      }
      assertThat(texts.get(1)).isEqualTo(texts.get(0));
    }
  }

  @Test
  void aLongPromptTellsHowFarItIs() {
    List<String> told = new ArrayList<>();
    Generator generator = generator();
    generator.showProgress((phase, done, total) -> told.add(phase + " " + done + " " + total));
    SamplingOptions greedy = SamplingOptions.greedy();
    generator.generateTokens(tokens(300), 1, greedy, () -> false, id -> {});
    assertThat(told)
        .containsExactly(
            Phase.PROMPT + " 0 200", Phase.PROMPT + " 128 200", Phase.PROMPT + " 200 200");
    told.clear();
    generator.generateTokens(tokens(128), 1, greedy, () -> false, id -> {});
    assertThat(told).isEmpty();

    int[] asked = new int[1];
    Generator.Result stopped =
        generator.generateTokens(tokens(200), 9, greedy, () -> ++asked[0] == 2, id -> {});
    assertThat(stopped).isEqualTo(new Generator.Result(200, 0, true));
    assertThat(told).containsExactly(Phase.PROMPT + " 0 200");
  }
}
